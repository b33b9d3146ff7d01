/**
 * Why `path` is no path inside a repository, or undefined when it is one. Globs count as paths; links are looked at
 * where the path is used, not here.
 */
export function outsideReason(path: string): string | undefined {
  if (path.includes('\0')) return 'has a NUL character';
  if (path.includes('\\')) return 'has a backslash; separate folders with "/"';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute; give it relative to the repository';
  if (path.startsWith('~')) return 'starts with "~"; give it relative to the repository';
  if (path.split('/').includes('..')) return 'leaves the repository with ".."';
  // Some file systems take ".GIT" for ".git".
  if (path.toLowerCase().split('/').includes('.git')) return 'is inside ".git"';
  return undefined;
}

/** Without "./" in front and without "/" at the end. */
export function tidyPath(path: string): string {
  return path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
}

/**
 * Whether a link leads out of the repository, by the text of its path and target alone, which is what another clone
 * would follow.
 */
export function linkLeadsOut(path: string, target: string): boolean {
  if (/^([\\/]|[A-Za-z]:)/.test(target)) return true;
  let depth = path.split('/').length - 1;
  for (const part of target.split(/[\\/]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
