import { fields } from './git.ts';
import type { Place } from './place.ts';

/** See the port. */
export async function listFiles(
  place: Place,
  treeish: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const listed = await place.git(['ls-tree', '-r', '-z', '--full-tree', treeish], { signal });
  return new Map(
    fields(listed.stdout).flatMap((entry) => {
      // A path may hold a tab itself.
      const tab = entry.indexOf('\t');
      const [mode, , object] = entry.slice(0, tab).split(' ');
      return tab < 0 ? [] : [[entry.slice(tab + 1), `${mode} ${object}`] as const];
    }),
  );
}
