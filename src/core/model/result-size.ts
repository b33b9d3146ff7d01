/** Bytes of one file, and of all changed files of a result together, that are still taken. */
export const FILE_LIMIT = 50_000_000;
export const RESULT_LIMIT = 100_000_000;

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/** Files of a result that are above what is taken, alone or together, with the size of all its changed files. */
export interface Oversized {
  readonly totalBytes: number;
  readonly files: readonly SizedFile[];
}

/** The fewest files without which the rest is taken; undefined where all is taken. Nothing needs to read their content. */
export function oversizedFiles(changed: readonly SizedFile[]): Oversized | undefined {
  const totalBytes = changed.reduce((sum, { bytes }) => sum + bytes, 0);
  const files: SizedFile[] = [];
  let total = totalBytes;
  for (const file of [...changed].sort((a, b) => b.bytes - a.bytes)) {
    if (file.bytes <= FILE_LIMIT && total <= RESULT_LIMIT) break;
    files.push({ path: file.path, bytes: file.bytes });
    total -= file.bytes;
  }
  return files.length === 0 ? undefined : { totalBytes, files };
}
