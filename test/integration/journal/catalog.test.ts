import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { learnedFigures } from '../../../src/node/state/catalog.ts';
import { journalFolder, type StatePaths, statePaths } from '../../../src/node/state/paths.ts';
import { ended, launching, planOf, started, subtask, turnEnded } from '../../unit/recorded-run.ts';
import { append, openRecords, scratchFolder } from './scratch-journal.ts';

const run = (costUsd: number): RunEvent[] => [
  ...started(planOf(subtask('a'))),
  launching('a'),
  turnEnded('a-1', 1, [0, 10], costUsd),
  ended('a-1', 'rejected'),
  { type: 'subtask.failed', subtask: 'a', reason: 'No.' },
];

async function repositoryWith(runs: Record<string, number>): Promise<StatePaths> {
  const paths = statePaths(scratchFolder(), '/repository/.git');
  for (const [id, costUsd] of Object.entries(runs)) {
    const folder = journalFolder(paths, id);
    mkdirSync(folder, { recursive: true });
    await write(folder, ...run(costUsd));
  }
  return paths;
}

async function write(folder: string, ...events: RunEvent[]): Promise<void> {
  const { writer } = await openRecords(folder);
  await append(writer, ...events);
  await writer.close();
}

const costs = (paths: StatePaths, except = ''): number[] => learnedFigures(paths, except).map(({ costUsd }) => costUsd);
const catalog = (paths: StatePaths): string => join(paths.root, 'catalog.json');

describe('the catalog', () => {
  it('tells what the subtasks of other runs took, the newest first', async () => {
    const paths = await repositoryWith({ '20260101-a': 1, '20260102-b': 2, '20260103-c': 3 });
    expect(costs(paths, '20260103-c')).toEqual([2, 1]);
    expect(costs(paths)).toEqual([3, 2, 1]);
  });

  it('does not read a journal again that has not changed', async () => {
    const paths = await repositoryWith({ '20260101-a': 1 });
    expect(costs(paths)).toEqual([1]);
    // What it says here is in no journal.
    writeFileSync(catalog(paths), readFileSync(catalog(paths), 'utf8').replace('"costUsd": 1', '"costUsd": 7'));
    expect(costs(paths)).toEqual([7]);
    await write(journalFolder(paths, '20260101-a'), { type: 'run.ended', outcome: 'failed', detail: '' });
    expect(costs(paths)).toEqual([1]);
  });

  it('is made anew where it is damaged, of another version or gone', async () => {
    const paths = await repositoryWith({ '20260101-a': 1 });
    for (const text of ['{', '', '[]', '{"version":2}', '{"version":1,"runs":{"20260101-a":{"stamp":1}}}']) {
      writeFileSync(catalog(paths), text);
      expect(costs(paths)).toEqual([1]);
      expect(JSON.parse(readFileSync(catalog(paths), 'utf8'))).toMatchObject({ version: 1 });
    }
    rmSync(catalog(paths));
    expect(costs(paths)).toEqual([1]);
  });

  it('is done without where it can not be written, and a run that can not be read is left out', async () => {
    const paths = await repositoryWith({ '20260101-a': 1, '20260102-b': 2 });
    mkdirSync(catalog(paths));
    writeFileSync(join(journalFolder(paths, '20260102-b'), '000001.ndjson'), 'no journal\n');
    expect(costs(paths)).toEqual([1]);
  });

  it('forgets runs that were removed', async () => {
    const paths = await repositoryWith({ '20260101-a': 1, '20260102-b': 2 });
    expect(costs(paths)).toEqual([2, 1]);
    rmSync(join(paths.runs, '20260102-b'), { recursive: true });
    expect(costs(paths)).toEqual([1]);
    await write(journalFolder(paths, '20260101-a'), { type: 'run.ended', outcome: 'failed', detail: '' });
    expect(costs(paths)).toEqual([1]);
    expect(Object.keys((JSON.parse(readFileSync(catalog(paths), 'utf8')) as { runs: object }).runs)).toEqual([
      '20260101-a',
    ]);
  });
});
