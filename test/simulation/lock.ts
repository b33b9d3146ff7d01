import { OrchestratorError } from '../../src/core/model/error.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Process, World } from './world.ts';

/** Only with a bug: an owner without a sign of life for so long is taken for dead. */
const STALE_MS = 30_000;

/** The lock of the repository: what lies in its file. */
export interface Lock {
  readonly owner: Process;
  released: boolean;
  heartbeatAt: number;
  readonly since: number;
}

interface Place {
  readonly world: World;
  readonly bug: PlantedBug | undefined;
  readonly oracle: { onLock(before: Lock | undefined): void };
  lock: Lock | undefined;
}

/** Takes the lock, or throws `repository-owned` while another process that lives has it. */
export function acquire(place: Place, process: Process): Lock {
  const { lock, world, bug, oracle } = place;
  if (lock && !lock.released) {
    const isHeld = bug === 'lease-by-heartbeat' ? world.now - lock.heartbeatAt < STALE_MS : lock.owner.alive;
    if (isHeld) throw new OrchestratorError('repository-owned', 'Another process works on this repository.');
  }
  oracle.onLock(lock);
  const taken = { owner: process, released: false, heartbeatAt: world.now, since: world.now };
  place.lock = taken;
  return taken;
}
