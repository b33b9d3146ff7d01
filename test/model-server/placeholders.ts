/** What `{{name}}` may stand for in the texts, tool inputs and structured outputs of a scenario. */
export const placeholderNames = [
  'cwd',
  'role',
  'subtask',
  'attempt',
  'turn',
  'userTurn',
  'prompt',
  'model',
  'session',
  'nth',
] as const;

export type PlaceholderValues = Readonly<Record<(typeof placeholderNames)[number], string>>;

/** `{{word}}` without spaces; a backslash before it keeps it literal, as does `$` (workflow files are full of `${{ }}`). */
const placeholder = /(\\|\$)?\{\{(\w+)\}\}/g;

/** Names used as placeholders anywhere inside `value` that do not exist. */
export function unknownPlaceholders(value: unknown): string[] {
  if (typeof value === 'string') {
    return [...value.matchAll(placeholder)]
      .filter(([, guard, name]) => guard === undefined && !placeholderNames.some((known) => known === name))
      .map(([, , name]) => name ?? '');
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [...unknownPlaceholders(key), ...unknownPlaceholders(inner)]);
}

/** A copy of `value` with every placeholder in its strings (keys included) replaced. */
export function fillPlaceholders<T>(value: T, values: PlaceholderValues): T;
export function fillPlaceholders(value: unknown, values: PlaceholderValues): unknown {
  if (typeof value === 'string') {
    return value.replace(placeholder, (whole: string, guard: string | undefined, name: string) => {
      if (guard === '\\') return whole.slice(1);
      if (guard === '$') return whole;
      const known = placeholderNames.find((candidate) => candidate === name);
      return known === undefined ? whole : values[known];
    });
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fillPlaceholders(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [fillPlaceholders(key, values), fillPlaceholders(inner, values)]),
  );
}
