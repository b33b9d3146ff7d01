import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { detectSetupCommands } from '../../../src/node/set-up/detect.ts';

const PACKAGES = '{"dependencies":{"p":"1"}}';

async function detected(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'set-up-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return (await detectSetupCommands(folder)).map((command) => command.join(' '));
}

describe('the set-up of a worktree', () => {
  it.each([
    ['package-lock.json', 'npm ci --no-audit --no-fund'],
    ['npm-shrinkwrap.json', 'npm ci --no-audit --no-fund'],
    ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
    ['yarn.lock', 'yarn install --frozen-lockfile'],
    ['bun.lock', 'bun install --frozen-lockfile'],
  ])('is what %s says', async (lock, command) => {
    expect(await detected({ 'package.json': PACKAGES, [lock]: '' })).toEqual([command]);
  });

  it('knows the newer yarn, and Python beside JavaScript', async () => {
    const files = { 'package.json': PACKAGES, 'yarn.lock': '', '.yarnrc.yml': '', 'uv.lock': '' };
    expect(await detected(files)).toEqual(['yarn install --immutable', 'uv sync --frozen']);
  });

  it('is an environment of its own for requirements that name versions, and nothing for wishes', async () => {
    const pip = '.venv/bin/python -m pip install --no-input --disable-pip-version-check -r requirements.txt';
    const pinned = '# needed\nflask[async]==3.0.2 ; python_version > "3.8"\n\nx.y==1.0 \\\n  --hash=sha256:ab\n';
    expect(await detected({ 'requirements.txt': pinned })).toEqual(['python3 -m venv .venv', pip]);
    expect(await detected({ 'requirements.txt': 'flask==3.0.2\n', 'uv.lock': '' })).toEqual(['uv sync --frozen']);
    for (const wish of [
      'flask',
      'flask>=3',
      'flask==3.0.*',
      '-r other.txt',
      'flask==3\nx @ https://example.org/x.zip',
      '# none',
    ])
      expect(await detected({ 'requirements.txt': wish })).toEqual([]);
  });

  it('is nothing without a lock file, or where no package is needed', async () => {
    expect(await detected({ 'package.json': PACKAGES })).toEqual([]);
    expect(await detected({ 'package.json': '{"name":"x"}', 'package-lock.json': '{}' })).toEqual([]);
    expect(await detected({ 'package.json': 'no json', 'package-lock.json': '{}' })).toEqual([]);
    expect(await detected({})).toEqual([]);
  });
});
