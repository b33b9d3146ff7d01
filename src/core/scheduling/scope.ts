import picomatch from 'picomatch';
import { tidyPath } from '../model/relative-path.ts';

/**
 * Whether two scopes may touch the same file, existing or not. Errs on the side of yes: two patterns with wildcards in
 * the same place count as overlapping. An empty scope overlaps with everything.
 */
export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((left) => b.some((right) => patternsOverlap(segments(left), segments(right))));
}

function segments(pattern: string): string[] {
  const isFolder = pattern.endsWith('/');
  const parts = tidyPath(pattern).split('/');
  return isFolder ? [...parts, '**'] : parts;
}

/** By a table over the tails of both, so that a pattern made of many "**" costs no more than its length. */
function patternsOverlap(a: readonly string[], b: readonly string[]): boolean {
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i -= 1) {
    const row: boolean[] = [];
    for (let j = b.length; j >= 0; j -= 1) {
      const left = a[i];
      const right = b[j];
      const skipLeft = left === '**' && below[j] === true;
      const skipRight = right === '**' && row[j + 1] === true;
      if (left === undefined && right === undefined) row[j] = true;
      else if (left === '**' || right === '**')
        row[j] =
          skipLeft ||
          skipRight ||
          (left !== undefined && right !== undefined && consumes(left, right, below[j], row[j + 1]));
      else row[j] = left !== undefined && right !== undefined && segmentsOverlap(left, right) && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}

/** "**" takes in the other side's segment and stays. */
function consumes(left: string, right: string, nextLeft: boolean | undefined, nextRight: boolean | undefined): boolean {
  return (left === '**' && nextRight === true) || (right === '**' && nextLeft === true);
}

function segmentsOverlap(a: string, b: string): boolean {
  const wildA = isWild(a);
  const wildB = isWild(b);
  if (wildA && wildB) return true;
  // File systems that ignore case take these for the same name.
  if (wildA) return picomatch.isMatch(b, a, { dot: true, nocase: true });
  if (wildB) return picomatch.isMatch(a, b, { dot: true, nocase: true });
  return a.toLowerCase() === b.toLowerCase();
}

function isWild(segment: string): boolean {
  return /[*?[\]{}()!+@]/.test(segment);
}
