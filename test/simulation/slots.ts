import { OrchestratorError } from '../../src/core/model/error.ts';
import type { Slots } from '../../src/core/ports/slots.ts';
import { Broken } from './broken.ts';
import type { Content, GitOptions, Work } from './git-content.ts';
import type { Process } from './world.ts';

/** A worktree on the simulated disk. */
export interface SimulatedSlot {
  readonly files: Map<string, Work>;
  /** What lay in it at first. */
  opened: ReadonlySet<string>;
  /** False while it is being made: nobody has worked in it. */
  whole: boolean;
  holder: Process;
}

/** What slots lie on. */
interface SlotDisk {
  readonly worktrees: Map<string, SimulatedSlot>;
  contentOf(commit: string): Content;
  snapshot(name: string): void;
  lose(name: string): void;
}

/** How often something about a slot is in doubt, or goes wrong. */
const DOUBT = 0.1;

/** The slots as one process sees them; the pool above them is the real one. */
export function slotsOf(git: SlotDisk, options: GitOptions, process: Process): Slots {
  const { world } = options;
  const begin = async (kind: string, what: string, signal?: AbortSignal): Promise<void> => {
    await world.takes(`${kind} ${what}`, process, signal);
    await world.point(`${kind}/before`, process);
  };
  return {
    reusable: true,
    lackOfRoom: async () => {
      if (!world.random.chance(DOUBT) || git.worktrees.size <= 1 || !options.anyWorks()) return undefined;
      options.onNoRoom();
      return 'The disk is full.';
    },
    list: async () =>
      [...git.worktrees].map(([name, { holder }]) => ({ name, heldElsewhere: holder !== process && holder.alive })),
    isThere: async (name) => git.worktrees.has(name),
    async make(name, base, signal) {
      await begin('make-slot', name, signal);
      if (git.worktrees.has(name)) throw new Error(`There is a slot ${name} already.`);
      const files = new Map(git.contentOf(base));
      const slot = { files, opened: new Set(files.keys()), whole: false, holder: process };
      git.worktrees.set(name, slot);
      await world.point('make-slot/between', process);
      await world.takes(`fill ${name}`, process, signal);
      slot.whole = true;
      await world.point('make-slot/after', process);
      return `/worktrees/${name}`;
    },
    async snapshot(name, signal) {
      await begin('snapshot-slot', name, signal);
      git.snapshot(name);
      await world.point('snapshot-slot/after', process);
    },
    async isIdle(name) {
      await begin('look-into-slot', name);
      return !options.worksIn(name) && !world.random.chance(DOUBT);
    },
    async turnInto(former, name, base, signal) {
      await begin('turn-slot', `${former} into ${name}`, signal);
      if (!git.worktrees.get(former)?.whole) return undefined;
      git.lose(former);
      const opened = new Set(git.contentOf(base).keys());
      const slot = { files: new Map<string, Work>(), opened, whole: false, holder: process };
      git.worktrees.set(name, slot);
      await world.point('turn-slot/between', process);
      await world.takes(`reset ${name}`, process, signal);
      if (world.random.chance(DOUBT)) throw new OrchestratorError('git-failed', 'git reset failed.');
      if (world.random.chance(DOUBT)) return undefined;
      for (const [subtask, work] of git.contentOf(base)) slot.files.set(subtask, work);
      slot.whole = true;
      await world.point('turn-slot/after', process);
      return `/worktrees/${name}`;
    },
    async hold(name) {
      const slot = git.worktrees.get(name);
      if (slot?.holder.alive && slot.holder !== process)
        options.fail(new Broken('one-holder', `${name} is taken from a process that lives`));
      if (slot) slot.holder = process;
    },
    async remove(name, signal) {
      await begin('remove-slot', name, signal);
      git.lose(name);
      await world.point('remove-slot/after', process);
    },
  };
}
