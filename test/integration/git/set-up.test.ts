import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Repository, WorktreeSetUp } from '../../../src/core/ports/repository.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const IGNORE = 'node_modules/\n.env*\nsecrets/\n*.local\n';

/** A set-up that does nothing, but for what is given. */
const setUp = (more: Partial<WorktreeSetUp>): WorktreeSetUp => ({
  ...{ commands: [], minutes: 1, copyFolders: [], linkFolders: [] },
  ...more,
});

/** A command of this project's own Node. */
const node = (script: string): string[] => [process.execPath, '-e', script];

/** Installs a package into `node_modules` and counts how often. */
const INSTALL = node(
  "const fs = require('fs'); fs.mkdirSync('node_modules/p', { recursive: true }); fs.writeFileSync('node_modules/p/i.js', 'p'); fs.appendFileSync(process.env.HOME + '/installed', 'x')",
);

async function opened(scratch: ScratchRepository, repository: Repository, name: string): Promise<string> {
  return repository.openWorktree(name, await scratch.git('rev-parse', 'HEAD'), NEVER);
}

async function place(files: Readonly<Record<string, string>> = {}) {
  const scratch = await scratchRepository({
    files: { '.gitignore': IGNORE, 'a.txt': 'a\n', 'package.json': '{}\n', ...files },
  });
  const repository = await scratch.open();
  const installs = async (): Promise<number> =>
    readFile(join(scratch.environment['HOME'] ?? '', 'installed'), 'utf8').then(
      (text) => text.length,
      () => 0,
    );
  const captured = async (path: string) => {
    const ref = 'refs/claude-orchestrator/result';
    const base = await scratch.git('rev-parse', 'HEAD');
    return (await repository.capture(path, base, ref, 'result', NEVER)).files.map((file) => file.path);
  };
  return { scratch, repository, installs, captured };
}

describe('.worktreeinclude', () => {
  it('names ignored files that every worktree gets a copy of, readable by nobody else', async () => {
    const { scratch, repository, captured } = await place({
      '.worktreeinclude': '.env*\n!.env.example\nsecrets/\n*.txt\n',
    });
    await scratch.write('.env', 'KEY=1\n');
    await chmod(join(scratch.root, '.env'), 0o644);
    await scratch.write('.env.example', 'no\n');
    await scratch.write('secrets/deep/key.pem', 'key\n');
    await scratch.write('untracked.txt', 'not ignored\n');
    await scratch.write('other.local', 'not named\n');
    const path = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(path, setUp({}), NEVER);
    expect((await readdir(path)).sort()).toEqual(
      ['.env', '.git', '.gitignore', '.worktreeinclude', 'a.txt', 'package.json', 'secrets'].sort(),
    );
    expect((await stat(join(path, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(path, 'secrets', 'deep', 'key.pem'), 'utf8')).toBe('key\n');
    expect(await captured(path)).toEqual([]);
  });

  it('never puts a secret into a result, though the worker stops ignoring it', async () => {
    const { scratch, repository, captured } = await place({ '.worktreeinclude': '.env\n' });
    await scratch.write('.env', 'KEY=1\n');
    const path = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(path, setUp({}), NEVER);
    await writeFile(join(path, '.gitignore'), '');
    expect(await captured(path)).toEqual(['.gitignore']);
    await repository.closeWorktree('one');
    await repository.releaseWorktrees();
    const all = await scratch.git('log', '--all', '--format=', '--name-only');
    expect(all.split('\n')).not.toContain('.env');
  });

  it('copies nothing through a link, neither here nor there', async () => {
    const { scratch, repository } = await place({ '.worktreeinclude': '.env\nsecrets/\nlinked/\n' });
    await scratch.write('../outside/passwd', 'x\n');
    await symlink('../outside', join(scratch.root, 'linked'));
    await symlink('../outside/passwd', join(scratch.root, '.env'));
    const path = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(path, setUp({}), NEVER);
    expect(await readdir(path)).not.toContain('.env');

    await mkdir(join(scratch.root, 'secrets'));
    await scratch.write('secrets/key', 'key\n');
    await symlink('../../..', join(path, 'secrets'));
    await expect(repository.prepareWorktree(path, setUp({}), NEVER)).rejects.toMatchObject({ code: 'setup-failed' });
  });
});

describe('folders of the person', () => {
  it('are copied with their links, and are no part of a result', async () => {
    const { scratch, repository, captured } = await place();
    await scratch.write('node_modules/p/i.js', 'p\n');
    await scratch.write('packages/own/i.js', 'own\n');
    await symlink('../packages/own', join(scratch.root, 'node_modules', 'own'));
    const path = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(path, setUp({ copyFolders: ['node_modules', 'missing'] }), NEVER);
    expect(await readFile(join(path, 'node_modules', 'p', 'i.js'), 'utf8')).toBe('p\n');
    // It leads to the worktree's own package.
    await expect(readFile(join(path, 'node_modules', 'own', 'i.js'))).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(join(path, '.gitignore'), '');
    expect(await captured(path)).toEqual(['.gitignore']);
  });

  it('are linked when asked for, but not with a workspace in them', async () => {
    const { scratch, repository, captured } = await place();
    await scratch.write('node_modules/p/i.js', 'p\n');
    const path = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(path, setUp({ linkFolders: ['node_modules'] }), NEVER);
    expect((await lstat(join(path, 'node_modules'))).isSymbolicLink()).toBe(true);
    expect(await captured(path)).toEqual([]);
    await repository.closeWorktree('one');
    await repository.releaseWorktrees();
    expect(await scratch.read('node_modules/p/i.js')).toBe('p\n');

    await scratch.write('packages/own/i.js', 'own\n');
    await symlink('../../packages/own', join(scratch.root, 'node_modules', 'p', 'own'));
    const other = await opened(scratch, repository, 'two');
    await expect(
      repository.prepareWorktree(other, setUp({ linkFolders: ['node_modules'] }), NEVER),
    ).rejects.toMatchObject({ code: 'setup-failed', message: expect.stringContaining('leads back to your own files') });
  });

  it.each(['../outside', '/etc', '.git', 'a/../../b'])('may not be "%s"', async (path) => {
    const { scratch, repository } = await place();
    const worktree = await opened(scratch, repository, 'one');
    for (const kind of ['copyFolders', 'linkFolders'] as const) {
      const refused = repository.prepareWorktree(worktree, setUp({ [kind]: [path] }), NEVER);
      await expect(refused).rejects.toMatchObject({ code: 'setup-failed' });
    }
  });
});

describe('set-up commands', () => {
  it('run in the worktree; what they leave is no part of a result', async () => {
    const { scratch, repository, captured } = await place({ 'lock.json': '1\n' });
    const path = await opened(scratch, repository, 'one');
    const script =
      "const fs = require('fs'); fs.writeFileSync('lock.json', '2'); fs.mkdirSync('out'); fs.writeFileSync('out/x', process.cwd())";
    await repository.prepareWorktree(path, setUp({ commands: [INSTALL, node(script)] }), NEVER);
    expect(await readFile(join(path, 'out', 'x'), 'utf8')).toBe(path);
    expect(await captured(path)).toEqual([]);
    await writeFile(join(path, 'a.txt'), 'b\n');
    expect(await captured(path)).toEqual(['a.txt']);
  });

  it('see nothing of the environment but what package managers need', async () => {
    const { scratch, repository } = await place();
    Object.assign(scratch.environment, { ANTHROPIC_API_KEY: 'secret', SSH_AUTH_SOCK: '/x', LANG: 'C' });
    const again = await scratch.open();
    const path = await opened(scratch, again, 'one');
    const print = node("require('fs').writeFileSync('.env.seen', JSON.stringify(Object.keys(process.env)))");
    await again.prepareWorktree(path, setUp({ commands: [print] }), NEVER);
    const seen: string[] = JSON.parse(await readFile(join(path, '.env.seen'), 'utf8'));
    const expected = ['CI', 'CLAUDE_ORCHESTRATOR_ATTEMPT', 'GIT_TERMINAL_PROMPT', 'HOME', 'LANG', 'PATH'];
    expect(seen.sort()).toEqual(expected);
    await repository.releaseWorktrees();
  });

  it.each([
    ['fails', node("console.log('no such package'); process.exit(3)"), /ended with code 3. It said: no such package/],
    ['is not there', ['no-such-program', 'ci'], /no-such-program ci" of a worktree could not be started/],
  ])('say which one %s, and where its log is', async (_what, command, message) => {
    const { scratch, repository } = await place();
    const path = await opened(scratch, repository, 'one');
    const error = await repository.prepareWorktree(path, setUp({ commands: [command] }), NEVER).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'setup-failed', message: expect.stringMatching(message) });
    const log = /See (\S+)\./.exec(error.fix)?.[1] ?? '';
    expect(await readFile(log, 'utf8')).toContain(command.join(' '));
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  it('are ended with all that they started when they take too long or are cancelled', async () => {
    const { scratch, repository } = await place();
    const path = await opened(scratch, repository, 'one');
    const forever = node(
      "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }); setInterval(() => {}, 1000)",
    );
    const slow = repository.prepareWorktree(path, setUp({ commands: [forever], minutes: 0.01 }), NEVER);
    await expect(slow).rejects.toMatchObject({ message: expect.stringContaining('did not end within') });
    const cancelled = repository.prepareWorktree(path, setUp({ commands: [forever] }), AbortSignal.timeout(300));
    await expect(cancelled).rejects.toMatchObject({ name: 'TimeoutError' });
    // Nothing runs there any more, so that it can be used again.
    await repository.closeWorktree('one');
    const before = await scratch.git('-C', path, 'rev-parse', '--absolute-git-dir');
    const next = await opened(scratch, repository, 'two');
    expect(await scratch.git('-C', next, 'rev-parse', '--absolute-git-dir')).toBe(before);
  });
});

describe('what a set-up has installed', () => {
  const once = setUp({ commands: [INSTALL] });

  it('is kept for the next one that needs the same', async () => {
    const { scratch, repository, installs, captured } = await place();
    await repository.prepareWorktree(await opened(scratch, repository, 'one'), once, NEVER);
    await repository.closeWorktree('one');
    await scratch.write('a.txt', 'later\n');
    await scratch.commit();
    const next = await opened(scratch, repository, 'two');
    await repository.prepareWorktree(next, once, NEVER);
    expect(await installs()).toBe(1);
    expect(await readdir(join(next, 'node_modules', 'p'))).toEqual(['i.js']);
    expect(await captured(next)).toEqual([]);
  });

  it('is done again where it made more than can be kept, and not for what each worktree gets anew', async () => {
    const { scratch, repository, installs } = await place({ '.worktreeinclude': '.env\n' });
    await scratch.write('.env', 'A=1\n');
    const generate = node(
      "require('fs').mkdirSync('out', { recursive: true }); require('fs').writeFileSync('out/made.js', 'm')",
    );
    const generates = setUp({ commands: [INSTALL, generate] });
    await repository.prepareWorktree(await opened(scratch, repository, 'one'), generates, NEVER);
    await repository.closeWorktree('one');
    const second = await opened(scratch, repository, 'two');
    await repository.prepareWorktree(second, generates, NEVER);
    expect(await readFile(join(second, 'out', 'made.js'), 'utf8')).toBe('m');
    expect(await installs()).toBe(2);
    await repository.closeWorktree('two');
    await repository.prepareWorktree(await opened(scratch, repository, 'three'), once, NEVER);
    await repository.closeWorktree('three');
    const fourth = await opened(scratch, repository, 'four');
    await repository.prepareWorktree(fourth, once, NEVER);
    expect(await readFile(join(fourth, '.env'), 'utf8')).toBe('A=1\n');
    expect(await installs()).toBe(3);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['secrets/deep/key.pem', { '.worktreeinclude': 'secrets/\n' }, []],
    ['cache/x', {}, ['cache']],
    ['vendor/cache/x', {}, ['vendor/cache']],
  ])('is kept where each worktree gets %s anew', async (file, files, copyFolders) => {
    const { scratch, repository, installs } = await place(files);
    await scratch.write(file, 'mine\n');
    const again = setUp({ commands: [INSTALL], copyFolders: [...copyFolders] });
    await repository.prepareWorktree(await opened(scratch, repository, 'one'), again, NEVER);
    await repository.closeWorktree('one');
    const next = await opened(scratch, repository, 'two');
    await repository.prepareWorktree(next, again, NEVER);
    expect(await readFile(join(next, file), 'utf8')).toBe('mine\n');
    expect(await installs()).toBe(1);
  });

  it('is kept without what was added to it', async () => {
    const { scratch, repository, installs } = await place();
    const first = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(first, once, NEVER);
    await mkdir(join(first, 'node_modules', '.cache'));
    await writeFile(join(first, 'node_modules', '.cache', 'x'), 'x');
    await repository.closeWorktree('one');
    const next = await opened(scratch, repository, 'two');
    await repository.prepareWorktree(next, once, NEVER);
    expect(await installs()).toBe(1);
    await expect(stat(join(next, 'node_modules', '.cache', 'x'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['something in it was changed', (path: string) => writeFile(join(path, 'node_modules', 'p', 'i.js'), 'q')],
    [
      'the base names other packages',
      async (_path: string, scratch: ScratchRepository) => {
        await scratch.write('package.json', '{"dependencies":{"q":"1"}}\n');
        await scratch.commit();
      },
    ],
  ])('is made again when %s', async (_what, change) => {
    const { scratch, repository, installs } = await place();
    const first = await opened(scratch, repository, 'one');
    await repository.prepareWorktree(first, once, NEVER);
    await change(first, scratch);
    await repository.closeWorktree('one');
    const next = await opened(scratch, repository, 'two');
    await expect(stat(join(next, 'node_modules'))).rejects.toMatchObject({ code: 'ENOENT' });
    await repository.prepareWorktree(next, once, NEVER);
    expect(await installs()).toBe(2);
    expect(await readFile(join(next, 'node_modules', 'p', 'i.js'), 'utf8')).toBe('p');
  });

  it('is done again as a whole where a part of it is an environment that works at one path only', async () => {
    const { scratch, repository, installs } = await place({ '.gitignore': 'node_modules/\n.venv/\n' });
    const environment = node("require('fs').mkdirSync('.venv'); require('fs').writeFileSync('.venv/pyvenv.cfg', '')");
    const first = await opened(scratch, repository, 'first');
    await repository.prepareWorktree(first, setUp({ commands: [INSTALL, environment] }), NEVER);
    await repository.closeWorktree('first');
    const second = await opened(scratch, repository, 'second');
    await repository.prepareWorktree(second, setUp({ commands: [INSTALL, environment] }), NEVER);
    expect(await installs()).toBe(2);
    expect(await readdir(join(second, '.venv'))).toEqual(['pyvenv.cfg']);
  });
});
