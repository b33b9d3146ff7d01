import type { AttemptSpec } from '../../src/core/model/attempt-files.ts';
import { describeInbox } from '../conformance/inbox.ts';
import { describeLock } from '../conformance/lock.ts';
import { describeRepository } from '../conformance/repository.ts';
import { describeSlots, type SlotsPlace } from '../conformance/slots.ts';
import { describeWorkers, type WorkersPlace } from '../conformance/workers.ts';
import type { Behaviour } from './case.ts';
import { SimulatedInbox } from './inbox.ts';
import { acquire, type Lock } from './lock.ts';
import { BASE, SimulatedGit } from './repository.ts';
import { SimulatedMachine } from './workers.ts';
import { World } from './world.ts';

let seeds = 0;

/** A world of its own for each test, whose time passes while something is waited for. */
function world(): { readonly world: World; settle<T>(promise: Promise<T>): Promise<T> } {
  seeds += 1;
  const made = new World(seeds);
  return {
    world: made,
    async settle(promise) {
      let settled = false;
      const done = promise.finally(() => {
        settled = true;
      });
      done.catch(() => undefined);
      // What has settled already says so in a moment.
      for (let turn = 0; turn < 5 && !settled; turn += 1) await new Promise(setImmediate);
      while (!settled && (await made.step()));
      if (!settled) throw new Error('It will never settle.');
      return promise;
    },
  };
}

const BEHAVIOURS = { works: 'good', asks: 'asks', hangs: 'hangs' } as const satisfies Record<string, Behaviour>;

describeWorkers('simulated', (): WorkersPlace => {
  const { world: place, settle } = world();
  const machine = new SimulatedMachine({
    ...{
      world: place,
      bug: undefined,
      costUsd: 0,
      tokensATurn: 0,
      plan: () => ({ version: 1, title: 'The plan', subtasks: [] }),
    },
    stormy: () => false,
    work: () => undefined,
    behaviour: (subtask) => BEHAVIOURS[subtask as keyof typeof BEHAVIOURS],
    ...{ onLaunching: () => undefined, onStart: () => undefined, onLost: () => undefined, onSend: () => undefined },
    ...{ onEnd: () => undefined, onIdle: () => undefined },
  });
  const owner = place.process();
  return {
    workers: machine.for(owner),
    settle,
    spec: (script, more = {}): AttemptSpec => ({
      ...{ version: 1, attempt: `attempt-${place.id()}`, title: `${script}: a test`, command: '', args: [], cwd: '/' },
      ...{ prompt: '', environmentNames: [], environment: {}, deadlineMs: 24 * 3_600_000, idleMs: 3_600_000 },
      ...more,
    }),
    async prepare(spec) {
      const folder = machine.prepare(spec);
      return async () => {
        machine.start(folder, 'good');
        for (let step = 0; step < 20; step += 1) await place.step();
      };
    },
    killSupervisor({ attempt }) {
      const supervisor = machine.live.get(attempt);
      if (supervisor) machine.lose(supervisor);
    },
    heard({ attempt }) {
      const { claim, truth } = machine.folder(attempt);
      return claim?.by === 'supervisor' ? 1 + truth.messages : 0;
    },
    isRunning: ({ attempt }) => machine.live.has(attempt),
  };
});

describeLock('simulated', () => {
  const { world: place } = world();
  const shared = { world: place, bug: undefined, oracle: { onLock: () => undefined }, lock: undefined };
  return () => {
    const process = place.process();
    let lock: Lock | undefined;
    return {
      async acquire() {
        try {
          lock = acquire(shared, process);
          return true;
        } catch {
          return false;
        }
      },
      async release() {
        if (lock) lock.released = true;
      },
      kill: async () => place.kill(process),
      freeze() {
        process.frozenUntil = place.now + 24 * 3_600_000;
      },
    };
  };
});

describeInbox('simulated', () => {
  const { world: place, settle } = world();
  const inbox = new SimulatedInbox(place);
  return {
    inbox: () => inbox.for(place.process()),
    ask: async (request) => inbox.append(request),
    write: async (bytes) => inbox.write(bytes),
    settle,
  };
});

async function repositoryPlace(): Promise<SlotsPlace> {
  const { world: place, settle } = world();
  const atWork = new Set<string>();
  const git = new SimulatedGit({
    ...{ world: place, bug: undefined, clashes: [], spoils: [], breaks: [], stubborn: [] },
    ...{ onMoveRef: () => undefined, isNeeded: () => false, onNoRoom: () => undefined },
    worksIn: (slot) => atWork.has(slot),
    anyWorks: () => atWork.size > 0,
    fail(broken) {
      throw broken;
    },
  });
  const repository = git.for(place.process());
  const signal = new AbortController().signal;
  return {
    repository,
    slots: repository.slots,
    kept: async (prefix) => [...git.refs].flatMap(([ref, commit]) => (ref.startsWith(prefix) ? [commit] : [])),
    base: BASE,
    settle,
    worktree: (name, commit) => settle(repository.slots.make(name, commit, signal)),
    write: async (worktree, name) => git.work(worktree, name, 'whole'),
    async another() {
      const process = place.process();
      return {
        slots: git.for(process).slots,
        freeze() {
          process.frozenUntil = place.now + 24 * 3_600_000;
        },
        kill: async () => place.kill(process),
      };
    },
    async work(name) {
      atWork.add(name);
      return async () => void atWork.delete(name);
    },
  };
}

describeRepository('simulated', repositoryPlace);
describeSlots('simulated', repositoryPlace);
