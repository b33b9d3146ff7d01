import type { SubtaskCheck } from './check.ts';

/** One that is to be started already waits for its worktree: a launch does not ask this. */
export const thereIsRoom: SubtaskCheck = (_, { room }) =>
  room === undefined ? undefined : { waitsFor: 'room', reason: roomText(room) };

/** For a person. */
export const roomText = (lack: string): string =>
  `waits for room on the disk, which another worktree gives back: ${lack}`;
