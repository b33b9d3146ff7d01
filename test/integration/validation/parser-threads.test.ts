import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Language } from '../../../src/core/model/findings.ts';
import { ParserThreads, type ParserThreadsOptions } from '../../../src/node/parsers/parser-threads.ts';

const entry = new URL('../../../src/node/parsers/thread.ts', import.meta.url);
let open: ParserThreads[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((parsers) => parsers.close()));
  open = [];
});

function threads(options: Partial<ParserThreadsOptions> = {}): ParserThreads {
  const parsers = new ParserThreads({ entry, threads: 1, ...options });
  open.push(parsers);
  return parsers;
}
const request = (language: Language, text: string) => ({ language, path: `a.${language}`, text });

describe('parser threads', () => {
  it('parse each language off the main thread', async () => {
    const parsers = threads({ threads: 2 });
    const languages: Language[] = ['javascript', 'jsx', 'typescript', 'tsx', 'json', 'jsonc', 'yaml', 'python'];
    for (const language of languages) {
      expect(await parsers.parse(request(language, '[1]')), language).toEqual([]);
      expect((await parsers.parse(request(language, '[1')))[0]?.severity, language).toBe('error');
    }
  });

  it('are replaced after a crash, which only the file that caused it feels', async () => {
    const parsers = threads();
    // The WASM stack is too small for so deep a tree (CPython gives up on it as well).
    const crashing = parsers.parse(request('python', `x = ${'1 + '.repeat(20_000)}1\n`));
    const after = [parsers.parse(request('python', 'x = 1\n')), parsers.parse(request('python', 'x = (\n'))];
    await expect(crashing).rejects.toMatchObject({ name: 'ParserFailure', reason: 'crashed' });
    expect((await Promise.all(after)).map(({ length }) => length)).toEqual([0, 1]);
  });

  it('start when they are expected, once', async () => {
    let started = 0;
    const count = () => {
      started += 1;
    };
    process.on('worker', count);
    const parsers = threads();
    parsers.expect();
    await vi.waitFor(() => expect(started).toBe(1));
    parsers.expect();
    expect(await parsers.parse(request('json', '[1]'))).toEqual([]);
    expect(started).toBe(1);
    process.off('worker', count);
  });

  it('keep no process alive that expected files and got none', async () => {
    const pool = new URL('../../../src/node/parsers/parser-threads.ts', import.meta.url);
    const script = `import { ParserThreads } from '${pool.href}';
      new ParserThreads({ entry: new URL('${entry.href}') }).expect();`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 });
    await expect(run).resolves.toMatchObject({ stderr: '' });
  });

  it('have the stack for deeply nested files', async () => {
    const deep = '['.repeat(8000) + ']'.repeat(8000);
    const parsers = threads();
    expect(await parsers.parse(request('javascript', deep))).toEqual([]);
    expect(await parsers.parse(request('typescript', deep))).toEqual([]);
    expect(await parsers.parse(request('json', deep))).toEqual([]);
    expect(await parsers.parse(request('javascript', `x = ${'"a" + '.repeat(20_000)}"b"`))).toEqual([]);
  });

  it('are ended when a file takes longer than the limit', async () => {
    const parsers = threads({ limitMs: 1 });
    await expect(parsers.parse(request('typescript', 'let x;'))).rejects.toMatchObject({ reason: 'timed-out' });
  });

  it('say when their entry is missing instead of waiting', async () => {
    const parsers = threads({ entry: new URL('./none.js', import.meta.url) });
    await expect(parsers.parse(request('json', '{}'))).rejects.toMatchObject({ reason: 'crashed' });
  });

  it('let go of an aborted file and take the next', async () => {
    const parsers = threads();
    const stop = new AbortController();
    const aborted = [1, 2, 3].map(() => parsers.parse(request('python', 'x = 1\n'), stop.signal));
    stop.abort(new Error('enough'));
    for (const one of aborted) await expect(one).rejects.toThrow('enough');
    expect(await parsers.parse(request('python', 'x = 1\n'))).toEqual([]);
  });

  it('reject what is waiting when they are closed', async () => {
    const parsers = threads();
    const waiting = [1, 2].map(() => parsers.parse(request('json', '{}')).catch((error: Error) => error.message));
    await parsers.close();
    expect(await Promise.all(waiting)).toEqual(['The parsers were closed.', 'The parsers were closed.']);
  });
});
