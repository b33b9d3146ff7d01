import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import type { WorkspaceConfiguration } from '../../core/model/workspace-configuration.ts';
import { WORKSPACE_CONFIGURATION } from '../../core/model/workspace-files.ts';
import { type ParsedConfiguration, parseConfiguration } from './parse-configuration.ts';

/** Absolute path of a repository's configuration file. */
export const configurationFile = (root: string): string => join(root, ...WORKSPACE_CONFIGURATION.split('/'));

/** What a repository's configuration file says; nothing when there is none. */
export async function readConfiguration(root: string): Promise<ParsedConfiguration> {
  try {
    return parseConfiguration(await readFile(configurationFile(root), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { values: {}, problems: [] };
    const message = `It can not be read: ${error instanceof Error ? error.message : String(error)}.`;
    return { values: undefined, problems: [{ line: 0, character: 0, message }] };
  }
}

/** The same where there is no earlier good state to fall back on: throws `bad-configuration` naming file and lines. */
export async function requireConfiguration(root: string): Promise<WorkspaceConfiguration> {
  const { values, problems } = await readConfiguration(root);
  if (values) return values;
  const lines = problems.map(
    ({ line, character, message }) => `  ${WORKSPACE_CONFIGURATION}:${line + 1}:${character + 1} ${message}`,
  );
  throw new OrchestratorError(
    'bad-configuration',
    ['The configuration of this repository can not be used:', ...lines].join('\n'),
  );
}
