import { isUtf8 } from 'node:buffer';

/*
 * Git's paths are bytes, ours are text. Where a path is no UTF-8, each of its bytes from 0x80 on becomes a surrogate of
 * its own, U+DC80 to U+DCFF, which no other path has: so it survives JSON, and git gets back the very bytes it gave.
 */

const FIRST = 0xdc00;
const SURROGATES = /[\udc80-\udcff]/;

export function pathText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const units = Array.from(bytes, (byte) => (byte < 0x80 ? byte : FIRST + byte));
  return units.map((unit) => String.fromCharCode(unit)).join('');
}

/** Of a text with paths in it. */
export function pathBytes(text: string): Buffer {
  if (!SURROGATES.test(text)) return Buffer.from(text, 'utf8');
  const parts = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > FIRST + 0x7f && code <= FIRST + 0xff ? Buffer.from([code - FIRST]) : Buffer.from(character, 'utf8');
  });
  return Buffer.concat(parts);
}
