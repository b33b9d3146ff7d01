import type { RunStatus } from '../../model/run.ts';
import type { RunCheck } from './check.ts';

const NOT_NOW: Readonly<Partial<Record<RunStatus, string>>> = {
  planning: 'the plan is not ready',
  'awaiting-approval': 'the plan waits for approval',
  planned: 'the run was only planned',
};

export const runGoesOn: RunCheck = ({ run }) => {
  if (run.endedAt !== undefined && run.status !== 'planned') {
    return { waitsFor: 'start', reason: 'the run ended before it could start' };
  }
  const reason = run.cancelling ? 'the run is being cancelled' : NOT_NOW[run.status];
  if (reason !== undefined) return { waitsFor: 'start', reason };
  return run.paused ? { waitsFor: 'pause', reason: 'the run is paused' } : undefined;
};
