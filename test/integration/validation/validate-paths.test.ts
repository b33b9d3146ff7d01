import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParserThreads } from '../../../src/node/parsers/parser-threads.ts';
import { validatePaths } from '../../../src/node/validate-paths.ts';

const entry = new URL('../../../src/node/parsers/thread.ts', import.meta.url);
const parsers = new ParserThreads({ entry });
let cwd = '';

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'validate-paths-'));
  await mkdir(join(cwd, 'folder.json'));
  await writeFile(join(cwd, 'good.ts'), 'export const a = 1;\n');
  await writeFile(join(cwd, 'bad.py'), 'def f(:\n');
  await writeFile(join(cwd, 'notes.md'), '# x\n');
});
afterAll(async () => {
  await parsers.close();
  await rm(cwd, { recursive: true });
});

describe('validating paths', () => {
  it('reports each path once, as given and in the order given, wherever it lies', async () => {
    const outside = join(cwd, 'good.ts');
    const paths = ['bad.py', outside, './good.ts', 'notes.md', 'bad.py', 'none.yaml', 'folder.json'];
    const { files, summary } = await validatePaths(paths, { cwd, parsers });
    expect(files.map(({ path, status }) => `${path} ${status}`)).toEqual([
      'bad.py failed',
      `${outside} passed`,
      './good.ts passed',
      'notes.md skipped',
      'none.yaml failed',
      'folder.json failed',
    ]);
    expect(files[4]?.findings[0]).toMatchObject({
      rule: 'file/unreadable',
      message: expect.stringContaining('no such file'),
    });
    expect(files[5]?.findings[0]).toMatchObject({
      rule: 'file/unreadable',
      message: expect.stringContaining('folder'),
    });
    expect(summary).toMatchObject({ files: 6, passed: 2, failed: 3, skipped: 1 });
  });

  it('takes a thousand files in one call', async () => {
    const paths = Array.from(
      { length: 1000 },
      (_, index) => `many-${index}.${['js', 'ts', 'json', 'yaml', 'py'][index % 5]}`,
    );
    await Promise.all(paths.map((path) => writeFile(join(cwd, path), '[1]\n')));
    const { summary } = await validatePaths(paths, { cwd, parsers });
    expect(summary).toMatchObject({ files: 1000, passed: 1000 });
  });

  it('stops with the reason of its signal', async () => {
    const reason = new Error('enough');
    await expect(validatePaths(['good.ts'], { cwd, parsers, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
