import type { RunCheck } from './check.ts';

export const workerIsFree: RunCheck = ({ run, launching }) => {
  const { concurrency } = run.settings;
  if (run.working.size + launching < concurrency) return undefined;
  const reason = concurrency === 1 ? 'the only worker is busy' : `all ${concurrency} workers are busy`;
  return { waitsFor: 'workers', reason };
};
