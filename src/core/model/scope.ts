import type { Subtask } from './plan.ts';
import { tidyPath } from './relative-path.ts';

/** A pattern with more alternatives in braces than this counts as one that matches everything. */
const MAX_ALTERNATIVES = 64;

/** A path in which nothing has a meaning of its own, as most are: no part of it begins with a dot. */
const PLAIN = /^[a-z0-9_-][a-z0-9_.-]*(?:\/[a-z0-9_-][a-z0-9_.-]*)*$/i;

/**
 * The scope in which a subtask may write: its own, and the files that it is to produce elsewhere. Without a scope it may
 * write everywhere.
 */
export function writableBy({ scope, produces }: Pick<Subtask, 'scope' | 'produces'>): readonly string[] {
  if (scope.length === 0 || produces.length === 0) return scope;
  // Left out where they are in it anyway, so that subtasks with the same scope still share one.
  const elsewhere = produces.filter((path) => !scope.some((pattern) => isPlainlyIn(path, pattern)));
  return elsewhere.length === 0 ? scope : [...scope, ...elsewhere];
}

/** Whether a pattern holds a path and all below it, as far as that can be told at once. */
function isPlainlyIn(path: string, pattern: string): boolean {
  if (path === pattern) return true;
  const folder = pattern.endsWith('/**') ? pattern.slice(0, -3) : pattern;
  if (!PLAIN.test(folder) || !PLAIN.test(path)) return false;
  return path.length > folder.length && path.toLowerCase().startsWith(`${folder.toLowerCase()}/`);
}

/**
 * Whether two scopes may touch the same file, existing or not. Errs on the side of yes where a pattern uses more than
 * `*`, `**`, `?` and braces, and takes a plain path for a file or a folder. An empty scope overlaps with everything.
 */
export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  const left = a.flatMap(alternatives);
  const right = b.flatMap(alternatives);
  return left.some((one) => right.some((other) => sequencesOverlap(one, other, '**', segmentsOverlap)));
}

/**
 * Whether a file is in a scope, an empty one being everything. As generous as `scopesOverlap`: what a pattern may mean
 * counts as what it means.
 * @param path of a file, relative to the repository, taken by the letter
 */
export function inScope(path: string, scope: readonly string[]): boolean {
  if (scope.length === 0) return true;
  const name = path.normalize('NFC').toLowerCase().split('/');
  return scope.flatMap(alternatives).some((pattern) => sequencesOverlap(pattern, name, '**', nameMatches));
}

/**
 * Folders or files, each in one spelling and without a slash at its end, under which all lies that a scope matches; ''
 * is the repository. Scopes can overlap only where one of these of one is, or contains, one of the other.
 */
export function beginnings(scope: readonly string[]): readonly string[] {
  if (scope.length === 0) return [''];
  if (scope.every((pattern) => PLAIN.test(pattern))) {
    const paths = scope.map((pattern) => pattern.toLowerCase());
    return paths.length === 1 ? paths : [...new Set(paths)];
  }
  const found = scope.flatMap(alternatives).map((parts) => {
    const wild = parts.findIndex((part) => /[*?]/.test(part));
    return parts.slice(0, wild < 0 ? parts.length : wild).join('/');
  });
  return [...new Set(found)];
}

/** Characters of the name that have a meaning in patterns have none here. */
function nameMatches(pattern: string, name: string): boolean {
  const plain = [...name].map((character) => (/[*?]/.test(character) ? '_' : character));
  return sequencesOverlap([...pattern], plain, '*', (left, right) => left === right || left === '?');
}

/** What a pattern stands for, each as segments of a path. */
function alternatives(pattern: string): string[][] {
  if (pattern.startsWith('!')) return [['**']];
  return expandBraces(pattern)?.map(segments) ?? [['**']];
}

/** Undefined for too many alternatives. The first innermost pair goes first; what has no partner stays as it is. */
function expandBraces(pattern: string): string[] | undefined {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (done.length + open.length >= MAX_ALTERNATIVES) return undefined;
    const pair = /\{([^{}]*)\}/.exec(next);
    if (!pair) {
      done.push(next);
      continue;
    }
    const before = next.slice(0, pair.index);
    const after = next.slice(pair.index + pair[0].length);
    const inner = pair[1] ?? '';
    // "{a}" and "{1..3}" are no plain choice.
    const choices = inner.includes(',') ? inner.split(',') : ['*'];
    for (const choice of choices) open.push(`${before}${choice}${after}`);
  }
  return done;
}

function segments(pattern: string): string[] {
  if (PLAIN.test(pattern)) return [...pattern.toLowerCase().split('/'), '**'];
  // File systems that ignore case, or how an accent is written, take these for the same name.
  const parts = tidyPath(pattern)
    .normalize('NFC')
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const found: string[] = [];
  for (const part of parts) {
    // Where that leads depends on what comes before it.
    if (part === '..') return ['**'];
    // Groups and open brackets may go on in the next segments.
    if (/[()]/.test(part) || /\[[^\]]*$/.test(part)) return [...found, '**'];
    if (part.includes('**') && part !== '**') found.push('**');
    found.push(/[[\]{}!|^$+@]/.test(part) ? '*' : part);
  }
  const last = found.at(-1);
  const isPlain = last === undefined || !/[*?]/.test(last);
  return isPlain || pattern.endsWith('/') ? [...found, '**'] : found;
}

function segmentsOverlap(a: string, b: string): boolean {
  return sequencesOverlap([...a], [...b], '*', (left, right) => left === right || left === '?' || right === '?');
}

/**
 * Whether something matches both sequences, in which `star` stands for any number of elements. By a table over the
 * tails of both, so that a pattern made of many stars costs no more than its length.
 */
function sequencesOverlap<T>(
  a: readonly T[],
  b: readonly T[],
  star: T,
  overlap: (left: T, right: T) => boolean,
): boolean {
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i -= 1) {
    const row: boolean[] = [];
    for (let j = b.length; j >= 0; j -= 1) {
      const left = a[i];
      const right = b[j];
      if (left === undefined || right === undefined) {
        row[j] =
          (left === undefined && right === undefined) ||
          (left === star && below[j] === true) ||
          (right === star && row[j + 1] === true);
      } else if (left === star || right === star) {
        // The star stands for nothing, or takes in the other side's element and stays.
        row[j] = below[j] === true || row[j + 1] === true;
      } else row[j] = overlap(left, right) && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}
