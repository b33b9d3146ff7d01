import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { fields } from './git.ts';
import type { Place } from './place.ts';
import { SLOT_RECORDS } from './slot-record.ts';

/** Settings by which later git commands run code or go elsewhere. Editors write others all the time. */
const RUNS_CODE =
  /^(alias|filter|include|includeif|credential|gpg|url|protocol|pager|browser|man|mergetool|difftool|guitool)\.|^core\.(hookspath|fsmonitor|sshcommand|editor|pager|askpass|gitproxy|attributesfile|worktree)$|^diff\..*(command|textconv|external)$|^diff\.external$|^merge\..*\.driver$|^sequence\.editor$|^init\.templatedir$|^uploadpack\.|^remote\..*\.(uploadpack|receivepack|vcs|proxy)$|^submodule\..*\.update$|^trailer\..*command$|^http\..*(proxy|sslverify)$|^interactive\.difffilter$/i;

/**
 * What all worktrees of a repository share and what makes later git commands of the person run code: hooks and some
 * settings. Name → fingerprint of its content.
 */
async function sharedCode(place: Place, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await localSettings(place, signal)) {
    const [name = '', ...value] = entry.split('\n');
    const key = `.git/config: ${name}`;
    if (RUNS_CODE.test(name)) found.set(key, fingerprint(`${found.get(key) ?? ''}\n${value.join('\n')}`));
  }
  const hooks = join(place.commonDir, 'hooks');
  for (const name of await readdir(hooks).catch(() => [])) {
    if (name.endsWith('.sample')) continue;
    const content = await readFile(join(hooks, name)).catch(() => '');
    found.set(`.git/hooks/${name}`, fingerprint(content));
  }
  return found;
}

/** What the last look at a repository's settings found, by the file that holds them. */
const lastLook = new Map<string, { readonly stamp: string; readonly entries: readonly string[] }>();

/** Git is only asked again when the file is another one than at the last look. */
async function localSettings(place: Place, signal: AbortSignal): Promise<readonly string[]> {
  const file = join(place.commonDir, 'config');
  const stamp = await stampOf(file);
  const known = lastLook.get(file);
  if (stamp !== undefined && known?.stamp === stamp) return known.entries;
  const listed = await place.git(['config', '--local', '--list', '-z'], { signal, accept: [1, 128] });
  const entries = fields(listed.stdout);
  // Changed meanwhile, or in the same tick of the clock as the look: nobody could tell the next change.
  if (stamp !== undefined && stamp === (await stampOf(file))) lastLook.set(file, { stamp, entries });
  else lastLook.delete(file);
  return entries;
}

/** Which file lies there, and when it last changed in any way; undefined when that is just now. */
async function stampOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (!found || Date.now() - Number(found.ctimeMs) < JUST_NOW_MS) return undefined;
  return [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

const recordSchema = z.array(z.tuple([z.string(), z.string()]));

/** File systems keep times in steps of up to two seconds. */
const JUST_NOW_MS = 2_000;

/** Remembers what there is now, before a worker starts in the slot. */
export async function noteSharedCode(place: Place, slot: string, signal: AbortSignal): Promise<void> {
  await writeFile(recordOf(place, slot), JSON.stringify([...(await sharedCode(place, signal))]));
}

/** See the port. */
export async function changedSharedCode(
  place: Place,
  slot: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(recordOf(place, slot), 'utf8').catch(() => undefined);
  if (text === undefined) return new Map();
  const before = noted(text);
  const now = await sharedCode(place, signal);
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return new Map(
    names.filter((name) => before.get(name) !== now.get(name)).map((name) => [name, now.get(name) ?? 'removed']),
  );
}

/** Where the record can't be read, everything counts as changed. */
function noted(text: string): ReadonlyMap<string, string> {
  try {
    return new Map(recordSchema.parse(JSON.parse(text)));
  } catch {
    return new Map();
  }
}

function recordOf(place: Place, slot: string): string {
  return join(place.worktreesDir, SLOT_RECORDS, slot, 'shared-code');
}

function fingerprint(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
