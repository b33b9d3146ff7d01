/** Git commands that write refs or configuration, which worktrees share with the person's repository. */
const WRITING = new Set([
  ...['commit', 'commit-tree', 'checkout', 'switch', 'branch', 'tag', 'push', 'fetch', 'pull', 'reset', 'rebase'],
  ...['merge', 'cherry-pick', 'revert', 'am', 'stash', 'update-ref', 'symbolic-ref', 'replace', 'worktree', 'config'],
  ...['gc', 'prune', 'repack', 'pack-refs', 'reflog', 'maintenance', 'remote', 'submodule', 'subtree', 'notes'],
  ...['bisect', 'filter-branch', 'fast-import', 'sparse-checkout', 'init', 'clone'],
]);

/** Options of git itself whose value is a word of its own. */
const WITH_VALUE = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--config-env', '--exec-path']);

/**
 * Whether a shell command seems to run a git command that writes refs or configuration. By its words alone, and rather
 * once too often: what is hidden better than that is not recognised here and has to be asked.
 */
export function writesGit(command: string): boolean {
  const words = command.split(/[\s'"`;&|()<>{}$\\]+/).filter((word) => word !== '');
  return words.some((word, index) => /(^|\/)git(\.exe)?$/i.test(word) && WRITING.has(verbAfter(words, index + 1)));
}

function verbAfter(words: readonly string[], start: number): string {
  let index = start;
  for (let word = words[index]; word?.startsWith('-'); word = words[index]) index += WITH_VALUE.has(word) ? 2 : 1;
  return words[index] ?? '';
}
