/** Edit distance between two words: insertions, deletions and substitutions, each costing 1. */
function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const substituted = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** The candidate that looks most like `word`, ignoring case, or undefined when nothing is close enough to suggest. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: { candidate: string; cost: number } | undefined;
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase();
    const cost = lower.startsWith(wanted) || wanted.startsWith(lower) ? 1 : distance(wanted, lower);
    if (cost <= Math.max(2, wanted.length / 2) && cost < (best?.cost ?? Number.POSITIVE_INFINITY)) {
      best = { candidate, cost };
    }
  }
  return best?.candidate;
}
