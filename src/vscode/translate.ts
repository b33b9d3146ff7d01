type Translate = (text: string, ...values: readonly (string | number)[]) => string;

/** Outside of the editor a text is what it says in English. */
const english: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole));

let translate = english;

/**
 * A text that a person reads, in the language of their editor where `l10n/` has it. The text itself is the key: it has to
 * be written down as it is where `t` is called, with `{0}`, `{1}` for the values. `npm run l10n` collects them.
 */
export const t: Translate = (text, ...values) => translate(text, ...values);

/** Says who translates, before anything is shown. */
export function translateWith(next: Translate): void {
  translate = next;
}
