import type { RunContext } from '../context.ts';
import type { FileReport } from '../model/findings.ts';
import { languageOf } from './language.ts';

const START = /^<{7}( |$)/;
const END = /^>{7}( |$)/;

/** One failed report for every file among `paths` that still holds conflict markers in this tree. */
export async function leftMarkers(
  context: RunContext,
  tree: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FileReport[]> {
  if (paths.length === 0) return [];
  const contents = await context.repository.readFiles(tree, paths, signal);
  return [...contents].flatMap(([path, bytes]) => {
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
    const line = lines.findIndex((text) => START.test(text));
    if (line < 0 || !lines.some((text) => END.test(text))) return [];
    return [
      {
        path,
        language: languageOf(path),
        status: 'failed',
        findings: [
          {
            rule: 'conflict/unresolved',
            criterion: 'correctness',
            severity: 'error',
            message: `"${path}" still holds conflict markers: keep what both sides were for, and remove the markers.`,
            range: { start: { line, character: 0 }, end: { line, character: lines[line]?.length ?? 0 } },
          },
        ],
      } satisfies FileReport,
    ];
  });
}
