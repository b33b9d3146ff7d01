import { type ParseArgsConfig, parseArgs } from 'node:util';
import { OrchestratorError } from '../core/model/error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses a command's arguments; throws `wrong-use` naming what it does not understand. */
export function parse<T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw wrongUse(
      cause instanceof Error ? `${cause.message.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? ''}.` : String(cause),
    );
  }
}

export function wrongUse(message: string): OrchestratorError {
  return new OrchestratorError('wrong-use', message, { fix: 'See --help.' });
}

/** A whole number in a range, or throws `wrong-use` naming the option and the range. */
export function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw wrongUse(`--${name} takes a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}

/** A number above 0 and up to a largest one, or throws `wrong-use` naming the option. */
export function positiveNumber(name: string, text: string, max = Number.MAX_VALUE): number {
  const value = Number(text);
  const upTo = max < Number.MAX_VALUE ? ` and up to ${max}` : '';
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > max)
    throw wrongUse(`--${name} takes a number above 0${upTo}, not "${text}".`);
  return value;
}
