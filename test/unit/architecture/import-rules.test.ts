import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Runs the project's own rules over a tree of files; resolves with the exit code and what it printed. */
async function cruise(files: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'import-rules-'));
  folders.push(folder);
  await Promise.all(
    ['tsconfig.json', '.dependency-cruiser.cjs'].map((file) => cp(join(root, file), join(folder, file))),
  );
  await writeFile(join(folder, 'package.json'), '{"type":"module","devDependencies":{"@types/vscode":"*"}}');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const script = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, 'src', '--output-type', 'err'], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

const model = { 'src/core/model/plan.ts': 'export interface Plan { readonly title: string }\n' };
const importing = (path: string): string => `import * as it from '${path}';\nexport const used = it;\n`;

describe('the import rules', () => {
  it('let a tree pass that keeps them', async () => {
    const { code, output } = await cruise({ ...model, 'src/core/planning/plan.ts': importing('../model/plan.ts') });
    expect(output).toContain('no dependency violations');
    expect(code).toBe(0);
  });

  it.each([
    ['a Node module in core', 'core-is-pure', { 'src/core/planning/a.ts': importing('node:fs') }],
    [
      'a type of a Node module in core',
      'core-is-pure',
      { 'src/core/planning/a.ts': "import type { Stats } from 'node:fs';\nexport type S = Stats;\n" },
    ],
    [
      'an adapter in core',
      'core-knows-no-adapter',
      { 'src/core/attempt/a.ts': importing('../../node/b.ts'), 'src/node/b.ts': 'export {};\n' },
    ],
    ['the editor outside its folder', 'vscode-only-in-its-folder', { 'src/node/a.ts': importing('vscode') }],
    [
      'a sibling in core',
      'siblings-meet-in-attempt-or-orchestrator',
      { 'src/core/planning/a.ts': importing('../scheduling/b.ts'), 'src/core/scheduling/b.ts': 'export {};\n' },
    ],
    [
      'the orchestrator in an adapter',
      'adapters-import-ports-and-model',
      { 'src/node/a.ts': importing('../core/orchestrator.ts'), 'src/core/orchestrator.ts': 'export {};\n' },
    ],
    [
      'something heavy in the supervisor',
      'the-supervisor-is-light',
      { 'src/worker.ts': importing('./node/parsers/b.ts'), 'src/node/parsers/b.ts': 'export {};\n' },
    ],
    [
      'a circle',
      'no-circles',
      { 'src/core/model/a.ts': importing('./b.ts'), 'src/core/model/b.ts': importing('./a.ts') },
    ],
    [
      'a test in the product',
      'nothing-ships-from-tests',
      { 'src/node/a.ts': importing('../../test/b.ts'), 'test/b.ts': 'export {};\n' },
    ],
  ])('fail the build for %s', async (_, rule, files) => {
    const { code, output } = await cruise(files);
    expect(output).toContain(rule);
    expect(code).not.toBe(0);
  });
});
