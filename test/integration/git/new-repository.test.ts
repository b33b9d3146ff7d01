import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { firstCommit, initRepository, repositoryLack } from '../../../src/node/git/new-repository.ts';

const { signal } = new AbortController();

function folder() {
  const home = mkdtempSync(join(tmpdir(), 'new-repository-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const place = join(home, 'work');
  mkdirSync(join(place, 'sub'), { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: place, env, encoding: 'utf8' }).trim();
  return { home, place, env, git };
}

it('makes a repository of a folder, and its first commit of everything that is not ignored', async () => {
  const { home, place, env, git } = folder();
  writeFileSync(join(home, '.gitconfig'), '[user]\nname = Ada\nemail = ada@example.org\n');
  writeFileSync(join(place, '.gitignore'), 'secret.txt\n');
  writeFileSync(join(place, 'secret.txt'), 'x');
  writeFileSync(join(place, 'sub', 'a.txt'), 'x');
  expect(await repositoryLack(place, env, signal)).toEqual({ lacks: 'repository' });
  await initRepository(place, env, signal);
  const lack = await repositoryLack(join(place, 'sub'), env, signal);
  expect(lack).toMatchObject({ lacks: 'commit', files: ['.gitignore', 'sub/a.txt'] });
  await firstCommit(lack.lacks === 'commit' ? lack.root : '', env, signal);
  expect(await repositoryLack(place, env, signal)).toEqual({ lacks: 'nothing' });
  expect(git('show', '--name-only', '--format=%an <%ae> %s', 'HEAD').split('\n')).toEqual([
    'Ada <ada@example.org> First commit',
    '',
    '.gitignore',
    'sub/a.txt',
  ]);
  expect(git('status', '--porcelain')).toBe('');
  await expect(firstCommit(place, env, signal)).rejects.toThrow(/update-ref/);
});

it('makes an empty first commit where there are no files, for those who have not told git who they are', async () => {
  const { place, env, git } = folder();
  await initRepository(place, env, signal);
  expect(await repositoryLack(place, env, signal)).toMatchObject({ lacks: 'commit', files: [] });
  await firstCommit(place, env, signal);
  expect(git('log', '--format=%an %s')).toBe('Claude Orchestrator First commit');
});

it('does not offer a repository inside of a bare one', async () => {
  const { place, env, git } = folder();
  git('init', '--quiet', '--bare');
  await expect(repositoryLack(place, env, signal)).rejects.toMatchObject({ code: 'not-a-repository' });
});
