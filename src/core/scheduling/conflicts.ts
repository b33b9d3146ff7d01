import { areaOf, ScopeLocks } from './scope-locks.ts';

type Scope = readonly string[];

/** Pairs beyond which conflicts are not listed: each takes memory, and looking at them takes time. */
const MAX_PAIRS = 200_000;

/** Pairs of different scopes that are looked at closely, at some microseconds each. */
const MAX_CHECKS = 50_000;

/**
 * For each scope the places of those that it overlaps with; undefined overlaps with none. Undefined as a whole where
 * there are too many pairs to list. Compares each two different scopes once, as many subtasks tend to share few.
 */
export function conflictsOf(scopes: readonly (Scope | undefined)[]): number[][] | undefined {
  const groups = new Map<string, { scope: Scope; members: number[] }>();
  scopes.forEach((scope, index) => {
    if (scope === undefined) return;
    const key = scope.join('\n');
    const group = groups.get(key);
    if (group) group.members.push(index);
    else groups.set(key, { scope, members: [index] });
  });
  const conflicts: number[][] = scopes.map(() => []);
  const all = [...groups.values()];
  const locks = new ScopeLocks();
  let pairs = 0;
  let checks = 0;
  for (const [index, { scope, members }] of all.entries()) {
    const area = areaOf(scope);
    const others = new Set(locks.suspects(area));
    checks += others.size;
    if (checks > MAX_CHECKS) return undefined;
    const overlapping = [...others].filter((other) => locks.overlaps(other, area));
    locks.take(index, area);
    for (const other of [index, ...overlapping]) {
      const their = all[other]?.members ?? [];
      pairs += members.length * their.length;
      if (pairs > MAX_PAIRS) return undefined;
      for (const a of members) {
        for (const b of their) {
          if (a === b) continue;
          conflicts[a]?.push(b);
          if (other !== index) conflicts[b]?.push(a);
        }
      }
    }
  }
  return conflicts;
}
