import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { appendRequest, controlInbox } from '../../../src/node/control/inbox.ts';
import { describeInbox, type InboxPlace } from '../../conformance/inbox.ts';

/** An inbox in a folder that is there, with what it told of as no request. */
function inboxPlace(): InboxPlace & { readonly problems: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'control.ndjson');
  const problems: string[] = [];
  return {
    problems,
    inbox: () => controlInbox(file, (message) => problems.push(message)),
    ask: (request) => appendRequest(file, request),
    write: (bytes) => appendFile(file, bytes),
    settle: (promise) => promise,
  };
}

describeInbox('real', inboxPlace);

it('names each line that is no request once to one who listens, by its place in the file', async () => {
  const { inbox, ask, write, problems } = inboxPlace();
  await write(Buffer.from('no JSON\n\n{"version":1}\n'));
  await ask({ version: 1, id: 'one', at: 1, by: 'a test', order: { type: 'pause' } });
  await inbox().present();
  expect(problems).toEqual([]);
  for await (const { id } of inbox().requests(new AbortController().signal)) {
    expect(id).toBe('one');
    break;
  }
  expect(problems).toEqual([expect.stringContaining('byte 0:'), expect.stringContaining('byte 9:')]);
});
