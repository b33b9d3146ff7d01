import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationSchema } from '../../../scripts/schema/configuration-schema.ts';
import { parseConfiguration } from '../../../src/node/configuration/parse-configuration.ts';
import { configurationTemplate } from '../../../src/vscode/configuration-template.ts';

describe('the JSON schema of the configuration file', () => {
  it('is the one of the model ("npm run schema" writes it)', () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'media', 'config.schema.json');
    expect(readFileSync(file, 'utf8')).toBe(configurationSchema());
  });
});

describe('a new configuration file', () => {
  it('changes nothing', () => {
    expect(parseConfiguration(configurationTemplate())).toEqual({ values: {}, problems: [] });
  });

  it('has every setting with an allowed value when its comments are taken away', () => {
    const text = configurationTemplate().replace(/^ {2}\/\/ (?=")/gm, '  ');
    const { values, problems } = parseConfiguration(text);
    expect(problems).toEqual([]);
    expect(Object.keys(values ?? {})).toContain('maxCostUsd');
  });
});
