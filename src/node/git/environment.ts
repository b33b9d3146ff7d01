import { devNull } from 'node:os';

/** Who a commit is by. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Author of everything but the final commit on the person's branch. */
export const ORCHESTRATOR: Identity = { name: 'Claude Orchestrator', email: 'claude-orchestrator@localhost' };

/**
 * What git may see of the environment: where things are and whose configuration counts. Variables such as `GIT_DIR` or
 * `GIT_INDEX_FILE`, set when we are started from a hook, would redirect every command and are therefore left out.
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TZ',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'USERPROFILE',
  'USERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'COMSPEC',
  'PATHEXT',
  'TEMP',
  'TMP',
];

/** The environment of one git command, authored by `identity`. */
export function gitEnvironment(parent: NodeJS.ProcessEnv, identity: Identity = ORCHESTRATOR): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_REFLOG_ACTION: 'claude-orchestrator',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
  for (const name of INHERITED) {
    const value = parent[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** Stronger than any configuration file: no hooks, signatures, clean-up or background processes. */
export const SETTINGS = settings({
  'core.hooksPath': devNull,
  'core.fsmonitor': 'false',
  'core.quotePath': 'false',
  // Only Windows looks at it.
  'core.longPaths': 'true',
  'commit.gpgSign': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'submodule.recurse': 'false',
  'i18n.commitEncoding': 'UTF-8',
  // The journal will say that these objects exist, so they must outlive a power cut.
  'core.fsync': 'objects,reference',
  'core.fsyncMethod': 'batch',
});

/**
 * For commands in a worker's worktree, in addition: it always has every file, its index is one self-contained file that
 * can be copied, and line endings never stop a capture.
 */
export const WORKTREE_SETTINGS = settings({
  'core.sparseCheckout': 'false',
  'core.splitIndex': 'false',
  'core.untrackedCache': 'false',
  'core.safecrlf': 'false',
  'index.sparse': 'false',
});

function settings(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
