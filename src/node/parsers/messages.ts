import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';

/** Between the pool and its threads: one file each way. Both ends are built from the same source. */
export interface ParseJob extends ParseRequest {
  readonly id: number;
}

export type ParseAnswer =
  | { readonly id: number; readonly problems: readonly SyntaxProblem[] }
  /** The parser broke down; the thread must not be used again. */
  | { readonly id: number; readonly crash: string };
