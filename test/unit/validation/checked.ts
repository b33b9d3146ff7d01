import type { FileReport } from '../../../src/core/model/findings.ts';
import { checkSyntax } from '../../../src/core/validation/syntax.ts';
import { parse } from '../../../src/node/parsers/parse.ts';

/** Checks a text or bytes with the real parsers, on this thread. */
export async function checked(path: string, contents: string | Uint8Array): Promise<FileReport> {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return await checkSyntax(path, bytes, { parse });
}

/** `line:character-line:character` of the first finding, counted from zero. */
export function firstRange({ findings }: FileReport): string | undefined {
  const range = findings[0]?.range;
  return range && `${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character}`;
}
