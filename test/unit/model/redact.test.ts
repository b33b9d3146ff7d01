import { describe, expect, it } from 'vitest';
import { REDACTED, redactDeep, redactor, secretValues } from '../../../src/core/model/redact.ts';

/** Put together here, so that nothing in this file looks like a key. */
const KEYS = {
  anthropic: `sk-ant-${'api03-abcDEF_123456'}`,
  'short piece of one': `sk-ant-${'abcdefgh'}`,
  aws: `AKIA${'IOSFODNN7EXAMPLE'}`,
  github: `ghp_${'a1B2'.repeat(9)}`,
  'github, fine-grained': `github_pat_${'11ABC_def'.repeat(5)}`,
  gitlab: `glpat-${'x'.repeat(20)}`,
  slack: `xoxb-${'123456789012-abcdef'}`,
  'slack hook': `hooks.slack.com/services/${'T000/B000/XXXX'}`,
  google: `AIza${'Sy_abc'.repeat(6)}`,
  npm: `npm_${'a'.repeat(36)}`,
  jwt: `eyJ${'hbGciOiJIUzI1NiJ9'}.${'eyJzdWIiOiIxIn0'}.c2ln`,
};
const redact = redactor();

describe('redact', () => {
  it.each(Object.entries(KEYS))('takes out a key of %s, wherever it stands', (_name, key) => {
    for (const text of [key, `a ${key} b`, `"${key}"`, `curl -H x:${key}`, JSON.stringify({ a: [key] })]) {
      expect(redact(text)).toContain(REDACTED);
      expect(redact(text)).not.toContain(key);
    }
    expect(JSON.parse(redact(JSON.stringify({ a: `x ${key}`, b: 1 })))).toMatchObject({ b: 1 });
  });

  it('takes out a private key, whole or cut, and leaves JSON whole', () => {
    const pem = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEow', 'IBAAKC', '-----END RSA PRIVATE KEY-----'].join('\n');
    expect(redact(`x\n${pem}\ny`)).toBe(
      `x\n-----BEGIN RSA PRIVATE KEY-----${REDACTED}-----END RSA PRIVATE KEY-----\ny`,
    );
    expect(redact(pem.slice(0, 40))).not.toContain('MIIE');
    const json = redact(JSON.stringify({ a: pem, b: pem.slice(0, 45) }));
    expect(json).not.toMatch(/MIIEow|IBAAKC/);
    expect(Object.keys(JSON.parse(json) as object)).toEqual(['a', 'b']);
  });

  it.each([
    ['Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer [redacted]'],
    ['DB_PASSWORD=hunter2hunter2 node x', 'DB_PASSWORD=[redacted] node x'],
    ['export MY_API_KEY="abcdefgh12"', 'export MY_API_KEY="[redacted]"'],
    ['{"CLIENT_SECRET": "abcdefgh12"}', '{"CLIENT_SECRET": "[redacted]"}'],
    ['https://me:s3cret@example.org/x', 'https://me:[redacted]@example.org/x'],
  ])('of %j leaves %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'The token is refreshed, the key is sorted.',
    'bearer of bad news',
    'task-antenna sk-learn risk-ant-hill',
    'd41d8cd98f00b204e9800998ecf8427e5a5a5a5a',
    'https://example.org:8080/a@b',
    'Edit: src/tokens/keys.ts',
    'const tokenCount = 3;',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });

  it("takes out the person's own values, also as JSON writes them, and no short words", () => {
    const values = secretValues(['MY_TOKEN', 'PATH', 'ANTHROPIC_API_KEY', 'GONE_KEY'], {
      MY_TOKEN: 'quo"ted\\value',
      PATH: '/usr/bin:/bin',
      ANTHROPIC_API_KEY: 'dummy',
    });
    expect(values).toEqual(['quo"ted\\value', 'dummy']);
    const own = redactor(values);
    expect(own('it is quo"ted\\value, dummy')).toBe(`it is ${REDACTED}, dummy`);
    expect(own(JSON.stringify({ a: 'quo"ted\\value' }))).toBe(`{"a":"${REDACTED}"}`);
  });

  it('goes through data, everywhere or below some keys only', () => {
    const data = { summary: KEYS.aws, files: [{ path: KEYS.aws, message: KEYS.aws }], n: 1, none: null };
    expect(JSON.stringify(redactDeep(data, redact))).not.toContain(KEYS.aws);
    expect(redactDeep(data, redact, new Set(['message']))).toEqual({
      ...data,
      files: [{ path: KEYS.aws, message: REDACTED }],
    });
  });
});
