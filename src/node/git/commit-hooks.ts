import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { plainText } from '../../core/model/plain-text.ts';
import { personIdentity, writeCommit } from './commit.ts';
import { fields, line } from './git.ts';
import type { Place } from './place.ts';
import { treeOf } from './refs.ts';

/** A hook that takes longer is taken for one that waits for somebody. */
const LIMIT_MS = 15 * 60_000;
/** Whatever a hook ends with is its answer. */
const ANY_CODE = Array.from({ length: 255 }, (_, index) => index + 1);
const SHOWN_CHARACTERS = 2_000;

/**
 * Runs the person's hooks of a commit in a worktree with the files of `to`: HEAD is `from` there and the index has the
 * changes, as when the person commits them. Resolves with the commit, another one where commit-msg changed the message.
 * Throws `apply-blocked` naming a hook that fails, or that changes what would be committed. Nothing outside of the
 * worktree is touched, unless a hook does so itself.
 */
export async function runCommitHooks(
  place: Place,
  worktree: string,
  { from, to }: { readonly from: string; readonly to: string },
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const cwd = worktree;
  const here = { signal, cwd };
  await place.git(['reset', '--soft', from], here);
  const hooks = await hooksFolder(place, signal);
  const identity = await personIdentity(place.git, signal);
  const stop = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const run = async (hook: string, ...args: readonly string[]): Promise<void> => {
    const command = ['hook', 'run', '--ignore-missing', hook, ...(args.length > 0 ? ['--', ...args] : [])];
    const options = { cwd, signal: stop, env: hookEnvironment(environment), accept: ANY_CODE, identity };
    const { code, stderr } = await place
      .git(command, { ...options, before: ['-c', `core.hooksPath=${hooks}`] })
      .catch((cause: unknown) => {
        if (signal.aborted || !stop.aborted) throw cause;
        throw blocked(`The hook ${hook} did not end within ${LIMIT_MS / 60_000} minutes.`);
      });
    const said = plainText(stderr.trim().slice(-SHOWN_CHARACTERS));
    if (code !== 0) throw blocked(`The hook ${hook} failed with code ${code}${said === '' ? '.' : `:\n${said}\n`}`);
  };
  try {
    await run('pre-commit');
    const file = resolve(cwd, line(await place.git(['rev-parse', '--git-path', 'COMMIT_EDITMSG'], here)));
    const message = (await place.git(['log', '-1', '--format=%B', to], here)).stdout.toString('utf8').trimEnd();
    await writeFile(file, `${message}\n`);
    await run('commit-msg', file);
    const tree = await treeOf(place, to, signal);
    if (line(await place.git(['write-tree'], here)) !== tree) {
      const changed = fields((await place.git(['diff', '--cached', '--name-only', '-z', to], here)).stdout);
      const names = changed.slice(0, 10).join(', ');
      throw blocked(`A hook changes what would be committed, which no check was run on: ${names}.`);
    }
    const said = (await readFile(file, 'utf8')).trimEnd();
    return said === message ? to : await writeCommit(place, { tree, parents: [from], message: said, identity }, signal);
  } finally {
    // As it was made: what a hook left is none of the person's work.
    await place.git(['reset', '--hard', '--quiet', to], { signal: undefined, cwd });
  }
}

/** Where the person's hooks lie: a relative setting is meant for their own working tree. */
async function hooksFolder(place: Place, signal: AbortSignal): Promise<string> {
  const args = ['config', '--show-scope', '--type=path', '--null', '--get-all', 'core.hooksPath'];
  const found = fields((await place.git(args, { signal, accept: [1] })).stdout);
  // Pairs of scope and value, the one that counts last; our own settings are those of the command.
  let folder = join(place.commonDir, 'hooks');
  for (let index = 0; index + 1 < found.length; index += 2) {
    if (found[index] !== 'command') folder = resolve(place.root, found[index + 1] ?? '');
  }
  return folder;
}

/** They are the person's own programs, run as if they had committed: all but what would lead git elsewhere. */
function hookEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || name.startsWith('GIT_') || name === 'ELECTRON_RUN_AS_NODE' ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(entries), GIT_EDITOR: ':' };
}

function blocked(what: string): OrchestratorError {
  return new OrchestratorError('apply-blocked', `${what} Nothing was changed.`, {
    fix: 'Mend what the hook complains about in another run, or apply without --hooks.',
  });
}
