import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { draftOf, removeDrafts } from '../../../src/node/process/drafts.ts';

it('removes what a process that is gone was writing, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drafts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const whole = join(folder, 'spec.json');
  writeFileSync(whole, '');
  writeFileSync(draftOf(whole), '');
  writeFileSync(`${whole}.${gone}.draft`, '');
  mkdirSync(join(folder, `index.${gone}.draft`));
  writeFileSync(join(folder, `index.${gone}.draft`, 'index'), '');

  removeDrafts(folder);
  removeDrafts(join(folder, 'missing'));
  expect(readdirSync(folder).sort()).toEqual(['spec.json', `spec.json.${process.pid}.draft`]);
});
