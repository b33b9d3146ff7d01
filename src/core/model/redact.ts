/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** Shapes of well-known keys. None matches a quote or a backslash, so that JSON stays JSON. */
const SHAPES: readonly RegExp[] = [
  /\bsk-ant-[\w-]{8,}/g,
  /\bsk-(?:proj-|live-|test-)?[A-Za-z0-9]{20,}/g,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bglpat-[\w-]{16,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\bhooks\.slack\.com\/services\/[\w/]{10,}/g,
  /\bAIza[\w-]{30,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g,
];

/** The same with something before that may stay: who is meant is no secret. */
const WITH_PREFIX: readonly RegExp[] = [
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^"]*?(?=-----END|"|$)/g,
  /(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{16,}/gi,
  /(\b\w*(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)\w*\\?["']?\s*[=:]\s*\\?["']?)[^\s"'\\;&|]{8,}/g,
  /(:\/\/[^\s:@/"\\]*:)[^\s@/"\\]{3,}(?=@)/g,
];

/** Names of variables whose values are secrets. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i;

/** A shorter value is too likely a word of its own. */
const MIN_VALUE = 8;

export type Redact = (text: string) => string;

/**
 * Takes secrets out of texts: whatever looks like a well-known key, and these values wherever they stand. Works on JSON
 * too, which stays JSON. What was cut in the middle may not be recognised, so redact first and cut then.
 */
export function redactor(values: readonly string[] = []): Redact {
  const known = [...new Set(values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]))]
    .filter((value) => value.length >= MIN_VALUE)
    // The longer first: one may be a part of another.
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let safe = text;
    for (const value of known) safe = safe.replaceAll(value, REDACTED);
    for (const shape of SHAPES) safe = safe.replace(shape, REDACTED);
    for (const shape of WITH_PREFIX) safe = safe.replace(shape, `$1${REDACTED}`);
    return safe;
  };
}

/** Values of the variables among `names` that hold secrets, by their names. */
export function secretValues(names: readonly string[], environment: Readonly<Record<string, string | undefined>>) {
  return names.flatMap((name) => (SECRET_NAME.test(name) ? (environment[name] ?? []) : []));
}

/** Data with every string in it redacted, as a copy where that changes something; of objects only under `keys`, where they are given. */
export function redactDeep<T>(value: T, redact: Redact, keys?: ReadonlySet<string>): T {
  return deep(value, redact, keys, keys === undefined) as T;
}

/** The very same value where nothing in it is a secret. */
function deep(value: unknown, redact: Redact, keys: ReadonlySet<string> | undefined, here: boolean): unknown {
  if (typeof value === 'string') return here && value !== '' ? redact(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (value.length === 0) return value;
    const items = value.map((item: unknown) => deep(item, redact, keys, here));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  let changed: [string, unknown][] | undefined;
  // Every event comes by here, so nothing is made of it before there is something to change.
  for (const key in value) {
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof inner !== 'string' && typeof inner !== 'object') continue;
    const safe = deep(inner, redact, keys, keys?.has(key) ?? true);
    if (safe === inner) continue;
    changed ??= [];
    changed.push([key, safe]);
  }
  return changed ? Object.fromEntries([...Object.entries(value), ...changed]) : value;
}
