import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 86_400_000;

/** The per-user folder, outside the clone, where parts of the development set-up are kept (absolute). */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const home = homedir();
  const base =
    platform() === 'win32'
      ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
      : platform() === 'darwin'
        ? join(home, 'Library', 'Caches')
        : (env['XDG_CACHE_HOME'] ?? join(home, '.cache'));
  return join(base, 'claude-orchestrator-dev');
}

/** True when something exists at `path`. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

interface Built {
  readonly folder: string;
  /** Seconds that building took now; 0 when it was there already. */
  readonly seconds: number;
}

/**
 * The folder `<root>/<name>`, built by `build` if it is not there. `build` fills a temporary sibling that is renamed
 * when complete, so a folder that exists is complete. Of two processes that build at once one wins and the other
 * uses its result. Throws what `build` throws, after removing what it left.
 */
export async function builtOnce(
  name: string,
  build: (folder: string) => Promise<void>,
  root: string = cacheRoot(),
): Promise<Built> {
  const folder = join(root, name);
  if (await exists(folder)) return { folder, seconds: 0 };
  const started = performance.now();
  await mkdir(root, { recursive: true, mode: 0o700 });
  await removeAbandoned(root, name);
  const temporary = await mkdtemp(join(root, `${name}.building-`));
  try {
    await build(temporary);
    await rename(temporary, folder);
  } catch (error) {
    const anotherWon = await exists(folder);
    await rm(temporary, { recursive: true, force: true });
    if (!anotherWon) throw error;
  }
  return { folder, seconds: (performance.now() - started) / 1000 };
}

/** Removes what builds that were killed have left: nobody builds for a day. */
async function removeAbandoned(root: string, name: string): Promise<void> {
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(`${name}.building-`)) continue;
    const path = join(root, entry);
    const age = Date.now() - (await stat(path).then((s) => s.mtimeMs, Date.now));
    if (age > DAY_MS) await rm(path, { recursive: true, force: true });
  }
}
