import { Detached } from '../../src/core/context.ts';
import { foldVersion } from '../../src/core/journal/fold-version.ts';
import { OrchestratorError } from '../../src/core/model/error.ts';
import { encodeBatch } from '../../src/node/journal/segment.ts';
import { encodeSnapshot, imageBytes } from '../../src/node/journal/snapshot.ts';
import type { OpenedJournal } from '../../src/node/journal/writer.ts';
import type { Fault } from './case.ts';
import { acquire } from './lock.ts';
import type { Place } from './owner.ts';
import type { Process } from './world.ts';

/** A disk that is busy with something else. */
const SLOWEST_SYNC_MS = 45_000;

/** A process that owns the run, or is about to. */
export interface Owner {
  readonly process: Process;
  readonly stop: AbortController;
  opened: OpenedJournal | undefined;
}

/** What faults strike. */
export interface Target {
  readonly place: Place;
  readonly owner: Owner | undefined;
  /** Owners that are gone and whose last write is still on its way. */
  readonly zombies: { readonly epoch: number; readonly seq: number }[];
  syncFails: boolean;
  /** How long the next sync takes, in milliseconds. */
  slowSyncMs: number;
  stormUntil: number;
  resumeLater(): void;
}

/** Lets a fault happen now; false when there is nothing that it could strike. */
export function strike(target: Target, { type: drawn, ms }: Fault): boolean {
  const { place } = target;
  // What relaxed durability does not promise anything about is only a crash there.
  const type = place.given.relaxed && (drawn === 'power-loss' || drawn === 'fsync-fails') ? 'crash' : drawn;
  const { world, machine, oracle } = place;
  const owner = target.owner?.process.alive === true ? target.owner : undefined;
  switch (type) {
    case 'crash':
    case 'zombie':
      if (!owner) return false;
      world.history.push([world.now, `*** the owner is killed (${type})`]);
      if (type === 'zombie' && owner.opened) {
        const { epoch } = owner.opened.writer;
        target.zombies.push({ epoch, seq: oracle.lastSeq + 1 });
      }
      world.kill(owner.process);
      target.resumeLater();
      return true;
    case 'power-loss':
      world.history.push([world.now, '*** power loss']);
      world.powerLoss();
      machine.powerLoss();
      place.store.disk.powerLoss();
      if (owner) target.resumeLater();
      return true;
    case 'fsync-fails':
      target.syncFails = true;
      return true;
    case 'slow-disk':
      target.slowSyncMs = Math.min(ms, SLOWEST_SYNC_MS);
      oracle.ownedSince = world.now + target.slowSyncMs;
      oracle.workTime.stops += 1;
      return true;
    case 'detach':
    case 'cancel':
      // Before that a host has nothing to stop.
      if (!owner?.opened || owner.stop.signal.aborted) return false;
      world.history.push([world.now, `*** ${type}`]);
      if (type === 'cancel') oracle.cancelled = true;
      owner.stop.abort(type === 'cancel' ? new Error('The person cancelled.') : new Detached());
      return true;
    case 'api-storm':
      target.stormUntil = world.now + ms;
      return true;
    case 'clock-jump':
      oracle.jumpedAt = world.now;
      world.wallOffset += world.random.chance(0.5) ? ms : -ms;
      return true;
    case 'freeze':
      if (!owner) return false;
      world.history.push([world.now, `*** the owner stands still for ${ms} ms`]);
      owner.process.frozenUntil = Math.max(owner.process.frozenUntil, world.now + ms);
      oracle.workTime.stops += 1;
      oracle.ownedSince = world.now + ms;
      world.later('a second process comes', undefined, [ms / 2, ms], () => comeSecond(target));
      return true;
    case 'second-owner':
      return comeSecond(target);
    case 'supervisor-lost':
    case 'supervisor-frozen': {
      const live = [...machine.live.values()];
      if (live.length === 0) return false;
      const supervisor = world.random.pick(live);
      world.history.push([world.now, `*** ${supervisor.folder.spec.attempt}: ${type}`]);
      if (type === 'supervisor-lost') machine.lose(supervisor);
      // What it would have done meanwhile is put off until the later of both.
      else supervisor.process.frozenUntil = Math.max(supervisor.process.frozenUntil, world.now + ms);
      return true;
    }
    default:
      return false;
  }
}

/** Another process wants the repository; while its owner lives it is refused. */
function comeSecond(target: Target): boolean {
  const { place } = target;
  const lock = place.lock;
  if (!lock?.owner.alive || lock.released) return false;
  const process = place.world.process();
  try {
    acquire(place, process);
    return true;
  } catch (error) {
    if (!(error instanceof OrchestratorError && error.code === 'repository-owned')) throw error;
    return true;
  } finally {
    place.world.kill(process);
  }
}

/** What owners that are gone had still on its way arrives, once they have a successor. */
export function wakeZombies({ place, zombies }: Target): void {
  const { world, store } = place;
  for (const { epoch, seq } of zombies.splice(0)) {
    world.later('a late write of an earlier owner arrives', undefined, [1, 60_000], () => {
      const at = world.wallClock();
      const event = { type: 'run.ended', outcome: 'failed', detail: 'A zombie says so.' } as const;
      const offset = store.disk.read(epoch).length;
      store.disk.append(epoch, encodeBatch([JSON.stringify({ seq, at, epoch, event })]));
      const until = store.disk.read(epoch).length;
      const head = { fold: foldVersion, seq, position: { epoch, offset }, positionSeq: seq - 1, until };
      store.disk.replaceSnapshot(encodeSnapshot(head, imageBytes({ id: 'zombie' })));
    });
  }
}
