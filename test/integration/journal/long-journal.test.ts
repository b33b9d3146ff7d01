import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scratchFolder, segment } from './scratch-journal.ts';

const program = fileURLToPath(new URL('./long-journal.ts', import.meta.url));
/** Far less than what a million events take. */
const HEAP_MB = 40;

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const open = (folder: string): { lastSeq: number; ingested: number[]; warnings: string[] } =>
  JSON.parse(run('open', folder));

describe('a long journal', () => {
  it('of a million events opens in the memory that its state needs', { timeout: 180_000 }, () => {
    const folder = scratchFolder();
    run('write', folder, '1000000');
    const whole = open(folder);
    expect(whole).toMatchObject({ lastSeq: 1_000_000, warnings: [] });
    expect(open(folder)).toEqual(whole);
  });

  it('opens from its snapshot without a look at what came before', () => {
    const folder = scratchFolder();
    run('write', folder, '5000');
    const whole = open(folder);
    const bytes = readFileSync(segment(folder, 1));
    // Nobody reads this any more.
    bytes.fill(0, 1_000, 2_000);
    writeFileSync(segment(folder, 1), bytes);
    expect(open(folder)).toEqual(whole);
  });

  it('is read whole when the snapshot is damaged, of another version or of what does not count', () => {
    const folder = scratchFolder();
    run('write', folder, '5000');
    const whole = open(folder);
    const path = join(folder, 'snapshot');
    const good = readFileSync(path);
    const spoil = (): Buffer[] => {
      const flipped = Buffer.from(good);
      flipped[flipped.length - 9] = (flipped.at(-9) ?? 0) ^ 1;
      const other = Buffer.from(good.toString('latin1').replace('"fold":"sources"', '"fold":"another"'), 'latin1');
      const later = Buffer.from(good.toString('latin1').replace(/"until":\d+/, '"until":99999999'), 'latin1');
      return [flipped, good.subarray(0, 100), Buffer.alloc(0), other, later];
    };
    for (const bytes of spoil()) {
      writeFileSync(path, bytes);
      expect(open(folder)).toEqual({ ...whole, warnings: [expect.stringContaining('snapshot')] });
      // The next owner made a new one.
      expect(open(folder)).toEqual(whole);
    }
    rmSync(path);
    expect(open(folder)).toEqual(whole);
    expect(existsSync(path)).toBe(true);
  });

  it('is as damaged as it is, whatever a snapshot says', () => {
    const folder = scratchFolder();
    run('write', folder, '5000');
    open(folder);
    truncateSync(segment(folder, 1), 10_000);
    expect(() => open(folder)).toThrow('is damaged');
  });
});
