import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A call of `t` and what it begins with; anything but one plain string there is a mistake. */
const CALL = /(?<![\w.])t\(\s*(?:'((?:[^'\\\n]|\\.)*)'\s*[,)]|(\S.{0,40}))/g;

/** Every text that the editor's part hands to `t`, sorted, and calls whose text can't be translated: it is made up. */
export function texts(): { readonly keys: readonly string[]; readonly made: readonly string[] } {
  const keys = new Set<string>();
  const made: string[] = [];
  for (const file of globSync(['src/vscode/**/*.ts', 'src/editor.ts'], { cwd: root })) {
    if (file.endsWith('translate.ts')) continue;
    const source = readFileSync(join(root, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
    for (const [, key, other] of source.matchAll(CALL)) {
      if (key === undefined) made.push(`${file}: t(${other ?? ''}`);
      else keys.add(key.replace(/\\(.)/g, '$1'));
    }
  }
  return { keys: [...keys].sort(), made };
}

export const BUNDLE = join(root, 'l10n', 'bundle.l10n.json');

/** The English bundle, which translators start from: every text under itself. */
export const bundle = (): string =>
  `${JSON.stringify(Object.fromEntries(texts().keys.map((key) => [key, key])), null, 2)}\n`;
