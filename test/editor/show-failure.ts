import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { EditorSession } from './driver/driver.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '.test-output', 'failed');

const watched = new Set<EditorSession>();

/** Where a test fails, this window's picture goes to `.test-output/failed`, and its lines are printed. */
export function watch(session: EditorSession): EditorSession {
  watched.add(session);
  return session;
}

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const { server } of watched) {
    // Some tests close their window.
    await show(server, task.id).catch(() => undefined);
  }
});

async function show(server: EditorSession['server'], name: string): Promise<void> {
  if (!server) return;
  const page = server.page();
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  await server.screenshot(path);
  const lines = await page.getByRole('treeitem').allInnerTexts();
  process.stderr.write(`${path}\n${lines.map((line) => line.replaceAll('\n', ' ')).join('\n')}\n`);
}
