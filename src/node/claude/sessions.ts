import { createHash } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Sessions } from '../../core/ports/sessions.ts';
import { draftOf } from '../process/drafts.ts';

/** The CLI writes a session while it goes on: the last message may come a moment after the turn's end. */
const PATIENCE_MS = 1_000;

export interface SessionPlaces {
  /** The environment that workers inherit, which says where the CLI keeps its sessions. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder of a run's archives, and of an attempt of this run. */
  readonly archivesOf: (run: string) => string;
  readonly attemptFolder: (attempt: string) => string;
}

/** Archives of one run: compressed, named by the SHA-256 of the session, readable by their owner only. */
export function sessionArchives(run: string, { env, archivesOf, attemptFolder }: SessionPlaces): Sessions {
  const archives = archivesOf(run);
  return {
    async archive({ session, message, cwd }, signal) {
      // Both come from a worker's stream, and one becomes a file's name.
      if (!UUID.test(session) || !UUID.test(message)) return undefined;
      const text = await sessionText(projectsFolder(env), session, message, cwd, signal);
      if (text === undefined) return undefined;
      const bytes = Buffer.from(withoutAccount(text), 'utf8');
      const archive = createHash('sha256').update(bytes).digest('hex');
      const file = archiveFile(archives, archive);
      const known = await stat(file).catch(() => undefined);
      const packed = known ? undefined : await promisify(gzip)(bytes, { level: 1 });
      if (packed) await writeWhole(archives, file, packed);
      return { session, message, archive, bytes: known?.size ?? packed?.length ?? 0 };
    },
    async bringBack({ archive, session }, attempt) {
      const packed = await readFile(archiveFile(archives, archive)).catch(() => undefined);
      if (!packed) return undefined;
      if (!UUID.test(session)) return undefined;
      const file = join(attemptFolder(attempt), `${session}.jsonl`);
      await writeWhole(attemptFolder(attempt), file, await promisify(gunzip)(packed));
      return file;
    },
    async putAway(attempt) {
      const folder = attemptFolder(attempt);
      const names = await readdir(folder).catch(() => []);
      for (const name of names)
        if (UUID.test(name.replace(/\.jsonl$/, ''))) await rm(join(folder, name), { force: true });
    },
    async adopt(from, archived) {
      if (archived.length > 0) await mkdir(archives, { recursive: true, mode: 0o700 });
      for (const { archive } of archived)
        await link(archiveFile(archivesOf(from), archive), archiveFile(archives, archive)).catch(ignoreKnown);
    },
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** File of an archived session in a run's folder of these. */
export const archiveFile = (folder: string, archive: string): string => join(folder, `${archive}.jsonl.gz`);

function projectsFolder(env: NodeJS.ProcessEnv): string {
  return join(env['CLAUDE_CONFIG_DIR'] || join(env['HOME'] || homedir(), '.claude'), 'projects');
}

/** The session's lines once they hold the message; undefined when there is no such session, or it never does. */
async function sessionText(
  projects: string,
  session: string,
  message: string,
  cwd: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const file = await sessionFile(projects, session, cwd);
  if (file === undefined) return undefined;
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const text = await readFile(file, 'utf8');
    // Up to the last whole line: one may be half written.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.includes(message)) return whole;
    if (Date.now() > until) return undefined;
    await sleep(20, undefined, { signal });
  }
}

/** The CLI names a folder after the one it works in; where it does that otherwise, all of them are looked through. */
async function sessionFile(projects: string, session: string, cwd: string): Promise<string | undefined> {
  const name = `${session}.jsonl`;
  const likely = join(projects, cwd.replace(/[^A-Za-z0-9]/g, '-'), name);
  if (await isFile(likely)) return likely;
  for (const folder of await readdir(projects).catch(() => [])) {
    const file = join(projects, folder, name);
    if (await isFile(file)) return file;
  }
  return undefined;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** A fork starts its bill from what its session says it cost; what a carried session cost was counted before. */
function withoutAccount(text: string): string {
  if (!text.includes('"cost-state"')) return text;
  return text
    .split('\n')
    .filter((line) => !line.includes('"cost-state"') || !isAccount(line))
    .join('\n');
}

function isAccount(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value && value.type === 'cost-state';
  } catch {
    return false;
  }
}

async function writeWhole(folder: string, file: string, bytes: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = draftOf(file);
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

function ignoreKnown(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
}
