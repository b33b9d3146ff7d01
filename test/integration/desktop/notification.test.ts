import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { notifyDesktop } from '../../../src/node/desktop-notification.ts';

/** A folder with a program of this name that writes down what it was started with. */
function program(name: string): { readonly path: string; seen(): unknown } {
  const folder = mkdtempSync(join(tmpdir(), 'desktop-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  const script = `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'seen'))}, JSON.stringify(process.argv.slice(2)))`;
  writeFileSync(file, `#!/usr/bin/env node\n${script}\n`);
  chmodSync(file, 0o755);
  return { path: folder, seen: () => JSON.parse(readFileSync(join(folder, 'seen'), 'utf8')) };
}

const evil = { title: '--help', body: '<a href="command:x">$(reboot)</a> " & display dialog' };

describe.skipIf(process.platform === 'win32')('a notification of the desktop', () => {
  it.each([
    ['linux', 'notify-send', ['--', '--help', '&lt;a href="command:x"&gt;$(reboot)&lt;/a&gt; " &amp; display dialog']],
    ['darwin', 'osascript', ['end run', evil.title, evil.body]],
  ] as const)('is shown on %s by %s, its text as data', async (platform, name, last) => {
    const { path, seen } = program(name);
    const env = { PATH: `${path}:${dirname(process.execPath)}:/usr/bin:/bin` };
    expect(await notifyDesktop(evil, env, platform)).toBe(true);
    expect((seen() as string[]).slice(-3)).toEqual(last);
  });

  it('is not shown where there is no desktop, and that is no error', async () => {
    expect(await notifyDesktop(evil, { PATH: '/nowhere' }, 'linux')).toBe(false);
  });
});
