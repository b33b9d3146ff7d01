import { scopesOverlap } from '../model/scope.ts';

type Scope = readonly string[];

/**
 * For each scope the places of those that it overlaps with; undefined overlaps with none. Compares each two different
 * scopes once, as many subtasks tend to share few, and looks closely only where paths begin alike.
 */
export function conflictsOf(scopes: readonly (Scope | undefined)[]): number[][] {
  const groups = new Map<string, { scope: Scope; beginnings: string[]; members: number[] }>();
  scopes.forEach((scope, index) => {
    if (scope === undefined) return;
    const key = JSON.stringify(scope);
    const group = groups.get(key) ?? { scope, beginnings: scope.map(beginning), members: [] };
    group.members.push(index);
    groups.set(key, group);
  });
  const conflicts: number[][] = scopes.map(() => []);
  const all = [...groups.values()];
  all.forEach((one, index) => {
    for (let next = index; next < all.length; next += 1) {
      const other = all[next] as typeof one;
      if (!mayMeet(one.beginnings, other.beginnings) || !scopesOverlap(one.scope, other.scope)) continue;
      for (const a of one.members) {
        for (const b of other.members) {
          if (a === b) continue;
          conflicts[a]?.push(b);
          if (one !== other) conflicts[b]?.push(a);
        }
      }
    }
  });
  return conflicts;
}

/** False only where no path can be in both. An empty scope is everywhere. */
function mayMeet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((one) => b.some((other) => one.startsWith(other) || other.startsWith(one)));
}

/** What every path that a pattern matches begins with, in lower case; empty where that takes a closer look. */
function beginning(pattern: string): string {
  const isPlain = /^[A-Za-z0-9_][A-Za-z0-9_./*?-]*$/.test(pattern) && !/\/\/|\/\./.test(pattern);
  return isPlain ? pattern.replace(/[*?].*$|\/$/, '').toLowerCase() : '';
}
