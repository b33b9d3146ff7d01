import type { AttemptSpec } from '../../core/model/attempt-files.ts';

/**
 * Environment of a worker: the allowed names with the values this process has, and what the spec adds. Nothing else
 * is inherited; above all not ELECTRON_RUN_AS_NODE, which would make an Electron child behave as Node.
 */
export function workerProcessEnvironment(spec: AttemptSpec, own: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of spec.environmentNames) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...spec.environment };
}
