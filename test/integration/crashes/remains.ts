import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { lockOwner } from '../../../src/node/state/lock.ts';
import { journalFolder } from '../../../src/node/state/paths.ts';
import type { Workplace } from '../resume/workplace.ts';

/**
 * All that a run has left behind, in words that are the same for every run of the same plan: processes, the lock's
 * owner, files of the state folder, worktrees and refs, temporary files. Snapshots of the run's own attempts are
 * accounted for: who stopped between keeping a result and saying so keeps it once more.
 */
export async function remainsOf(place: Workplace): Promise<readonly string[]> {
  const run = place.state()?.id ?? '';
  const { git, paths } = place;
  const generic = (text: string): string =>
    text
      .replaceAll(run, 'RUN')
      .replace(/\b([a-z])-[0-9a-f]{10}\b/g, '$1-ID')
      .replace(place.repository, 'REPOSITORY')
      .replace(/\b[0-9a-f]{64}\b/, (hash) => (journal.includes(hash) ? 'IN-THE-JOURNAL' : 'UNKNOWN'))
      .replace(/\b\d{6}\.ndjson\b/, 'EPOCH.ndjson')
      .replace(/^(state: lock\/)\d+\.json$/, '$1N.json');
  const attempts = [...(place.state()?.attempts.keys() ?? [])];
  const refs = (await git('for-each-ref', '--format=%(refname)'))
    .split('\n')
    .filter((ref) => !attempts.some((id) => ref.startsWith(`refs/claude-orchestrator/snapshots/${id}/`)));
  const journal = readText(journalFolder(paths, run));
  const worktrees = (await git('worktree', 'list', '--porcelain'))
    .split('\n')
    .filter((line) => /^worktree /.test(line));
  const all = [
    ...(await place.leftovers()).map((pid) => `process ${pid}`),
    ...(lockOwner(paths.locks) ? ['the lock is held'] : []),
    ...refs.map((ref) => `ref ${ref}`),
    ...worktrees,
    ...filesIn(paths.root).map((file) => `state: ${file}`),
    ...filesIn(join(place.repository, '.git'))
      .filter((file) => file.endsWith('.lock') || /^worktrees\//.test(file))
      .map((file) => `git: ${file}`),
    ...readdirSync(join(place.home, 'tmp'))
      .filter((name) => /orchestrator/.test(name))
      .map((name) => `temporary: ${name}`),
    `status: ${await git('status', '--porcelain')}`,
  ];
  return [...new Set(all.map(generic))].sort();
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function readText(folder: string): string {
  return filesIn(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');
}
