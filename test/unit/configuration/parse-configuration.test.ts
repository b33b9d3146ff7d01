import { describe, expect, it } from 'vitest';
import { effectiveSettings } from '../../../src/core/model/effective-settings.ts';
import { parseConfiguration } from '../../../src/node/configuration/parse-configuration.ts';

describe('a configuration file', () => {
  it('may have comments and trailing commas', () => {
    const { values, problems } = parseConfiguration(
      '{\n  // for everybody\n  "concurrency": 5,\n  "checkCommands": ["npm test"],\n}\n',
    );
    expect(problems).toEqual([]);
    expect(values).toEqual({ concurrency: 5, checkCommands: ['npm test'] });
  });

  it('says nothing when it is empty', () => {
    expect(parseConfiguration('')).toEqual({ values: {}, problems: [] });
  });

  it('is refused as a whole with the line of an unknown key and the keys that exist', () => {
    const { values, problems } = parseConfiguration('{\n  "concurrency": 2,\n  "concurency": 3\n}');
    expect(values).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: 2, character: 2 });
    expect(problems[0]?.message).toContain('"concurency" is no setting');
    expect(problems[0]?.message).toContain('qualityIterations');
  });

  it('is refused with the line of a bad value and what is allowed', () => {
    const { problems } = parseConfiguration('{\r\n  "concurrency": 0,\r\n  "attemptMinutes": "long"\r\n}');
    expect(problems.map(({ line, character }) => [line, character])).toEqual([
      [1, 17],
      [2, 20],
    ]);
    expect(problems[0]?.message).toMatch(/"concurrency".*>=1/);
    expect(problems[1]?.message).toMatch(/"attemptMinutes".*number/);
  });

  it('is refused with the place where it stops being JSON', () => {
    const { problems } = parseConfiguration('{\n  "concurrency": \n}');
    expect(problems[0]).toMatchObject({ line: 2 });
  });

  it('has no say in what reaches a worker from the person', () => {
    for (const key of ['environment', 'settingSources', '__proto__', 'constructor']) {
      expect(parseConfiguration(`{"${key}": ["AWS_SECRET_ACCESS_KEY"]}`).values).toBeUndefined();
    }
  });
});

describe('settings of a run', () => {
  it('come from the person first, then from the repository, then from the defaults', () => {
    const settings = effectiveSettings({ concurrency: 7 }, { concurrency: 2, model: 'sonnet' });
    expect(settings).toMatchObject({ concurrency: 7, model: 'sonnet', qualityIterations: 3 });
  });

  it('let the repository lower what is kept on the disk and not raise it', () => {
    expect(effectiveSettings({}, { diskQuotaGb: 5, checkpointDays: 100 })).toMatchObject({
      diskQuotaGb: 5,
      checkpointDays: 30,
    });
    expect(effectiveSettings({ diskQuotaGb: 50 }, { diskQuotaGb: 40 }).diskQuotaGb).toBe(40);
    expect(effectiveSettings({ attemptCostUsd: 1 }, { attemptCostUsd: 2 }).attemptCostUsd).toBe(1);
    expect(effectiveSettings({}, { attemptTokens: 2 }).attemptTokens).toBe(2);
  });

  it('let the repository lower the spending cap and not raise it', () => {
    expect(effectiveSettings({}, { maxCostUsd: 1 }).maxCostUsd).toBe(1);
    expect(effectiveSettings({}, { maxCostUsd: 500 }).maxCostUsd).toBe(5);
    expect(effectiveSettings({ maxCostUsd: 20 }, { maxCostUsd: 10 }).maxCostUsd).toBe(10);
  });
});
