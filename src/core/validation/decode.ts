import type { Language, Range } from '../model/findings.ts';
import type { SyntaxProblem } from '../ports/parsers.ts';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: SyntaxProblem };

/** Codecs Python knows and a TextDecoder does not: nearly all agree with Latin 1 in what syntax is made of. */
const pythonOnly =
  /^(cp\d+|mac[-_].+|utf[-_]?(7|16|32).*|iso[-_]?2022.*|hz.*|johab|punycode|idna|raw_.*|unicode_.*|mbcs|oem)$/;

/**
 * Bytes as the text a parser gets: UTF-8 without its byte order mark, or for Python what its coding comment says.
 * Anything else is one problem at the place of the first byte that does not fit.
 */
export function decodeSource(bytes: Uint8Array, language: Language | null): Decoded {
  const utf16 = utf16Name(bytes);
  if (utf16 !== undefined) return problem('file/encoding', `The file is ${utf16}; save it as UTF-8.`, start);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const label = language === 'python' ? codingComment(bytes) : undefined;
  const text = decodeAs('utf-8', bytes);
  if (label !== undefined && !/^(utf[-_]?8([-_]sig)?|utf[-_]8-.*)$/.test(label)) {
    if (hasMark) return problem('file/encoding', `The file is marked as UTF-8 and as "${label}".`, start);
    const declared =
      decodeAs(webLabel(label), bytes) ?? (pythonOnly.test(label) ? (text ?? decodeAs('latin1', bytes)) : undefined);
    if (declared !== undefined) return { ok: true, text: declared };
    return problem('file/encoding', `The coding comment "${label}" is unknown or is not what the file is in.`, start);
  }
  if (text === undefined) {
    const valid = validPrefix(bytes);
    return problem('file/encoding', 'The file is not valid UTF-8 from here on; save it as UTF-8.', endOf(valid));
  }
  // JavaScript allows NUL in strings and comments, so its parser decides.
  const nul = language !== null && /^(json|yaml|python)/.test(language) ? text.indexOf('\0') : -1;
  if (nul < 0) return { ok: true, text };
  return problem(
    'file/binary',
    'The file has a NUL character here: it is binary or damaged.',
    endOf(text.slice(0, nul)),
  );
}

const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function problem(rule: string, message: string, range: Range): Decoded {
  return { ok: false, problem: { rule, severity: 'error', message, range } };
}

/** A byte order mark says UTF-16, or every other of the first bytes is NUL. */
function utf16Name(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16 (little endian)';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16 (big endian)';
  if (bytes.length < 4) return undefined;
  const zeros = [...bytes.subarray(0, 4)].map((byte) => byte === 0);
  if (zeros[1] && zeros[3] && !zeros[0] && !zeros[2]) return 'UTF-16 (little endian)';
  if (zeros[0] && zeros[2] && !zeros[1] && !zeros[3]) return 'UTF-16 (big endian)';
  return undefined;
}

/** The coding comment of PEP 263, in lower case: in the first line, or in the second below a comment or empty line. */
function codingComment(bytes: Uint8Array): string | undefined {
  const [first = '', second = ''] = String.fromCharCode(...bytes.subarray(0, 400)).split(/\r\n|\r|\n/);
  const coding = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
  const found =
    coding.exec(first.replace(/^\u00ef\u00bb\u00bf/, '')) ??
    (/^[ \t\f]*(#|$)/.test(first) ? coding.exec(second) : null);
  return found?.[1]?.toLowerCase();
}

function webLabel(label: string): string {
  const dashed = label.replaceAll('_', '-');
  if (/^(latin-?1|iso-?latin-?1|iso-?8859-?1|l1)(-unix|-dos)?$/.test(dashed)) return 'latin1';
  if (/^(us-)?ascii$/.test(dashed)) return 'utf-8';
  return dashed.replace(/^iso-?8859-?(\d+)$/, 'iso-8859-$1').replace(/-(unix|dos|mac)$/, '');
}

/** Undefined when the bytes are not in that encoding or nobody knows it. */
function decodeAs(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text before the first byte that is not UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodesSoFar(bytes.subarray(0, middle)) === undefined) high = middle - 1;
    else low = middle;
  }
  return decodesSoFar(bytes.subarray(0, low)) ?? '';
}

/** As `stream`, so that a character cut at the end is no error. */
function decodesSoFar(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function endOf(text: string): Range {
  const lines = text.split(/\r\n|\r|\n/);
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  return { start: position, end: position };
}
