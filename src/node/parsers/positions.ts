import type { Range } from '../../core/model/findings.ts';

const lineBreak = /\r\n|\r|\n/g;

/** Turns offsets (UTF-16 code units) into lines and characters of one text. */
export class Positions {
  readonly #text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#lineStarts = [0, ...Array.from(text.matchAll(lineBreak), (found) => found.index + found[0].length)];
  }

  /** From `start` to `end`, both cut to what the text has. */
  range(start: number, end: number): Range {
    return { start: this.#position(start), end: this.#position(Math.max(start, end)) };
  }

  /** The word, number or single character that starts at `offset`; empty at the end of a line or of the text. */
  wordAt(offset: number): Range {
    const rest = this.#text.slice(offset, offset + 200);
    const word = /^(?:[\p{ID_Continue}$]+|[^\r\n])/u.exec(rest)?.[0] ?? '';
    return this.range(offset, offset + word.length);
  }

  /** The same with lines and columns counted from one, as some parsers say them. */
  rangeFromOne(start: { row: number; column: number }, end: { row: number; column: number }): Range {
    return this.range(this.#offset(start), this.#offset(end));
  }

  #offset({ row, column }: { row: number; column: number }): number {
    return (this.#lineStarts[row - 1] ?? this.#text.length) + column - 1;
  }

  #position(offset: number): Range['start'] {
    const cut = Math.min(Math.max(offset, 0), this.#text.length);
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= cut) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: cut - (this.#lineStarts[low] ?? 0) };
  }
}
