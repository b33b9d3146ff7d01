import fc from 'fast-check';
import * as z from 'zod';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { type JournalRecord, type RunEvent, runEventSchema } from '../../../src/core/model/events.ts';
import { launching, planOf, started, subtask } from '../recorded-run.ts';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Names that events share, so that they speak of the same things. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  subtask: ['a', 'b', 'c'],
  id: ['a', 'd', 'e'],
  dependsOn: ['a', 'd'],
  attempt: ['a-1', 'a-2', 'b-1', 'c-1'],
  request: ['r1', 'r2'],
  checkpoint: ['@look', '@plan'],
};

const plan = planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['a', 'b']));

/**
 * Journals of all kinds of events that the schema knows, those included that are added later. What the fold refuses is
 * left out: each of the records given can be applied.
 */
export const anyRecords: fc.Arbitrary<readonly JournalRecord[]> = fc
  .array(anyOf(z.toJSONSchema(runEventSchema, { io: 'input' }) as Schema, 'event'), { maxLength: 60 })
  .map((events) => accepted([...started(plan), launching('a'), ...(events as RunEvent[])]));

function accepted(events: readonly RunEvent[]): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const event of events) {
    const record = { seq: records.length + 1, at: 1_000 * (records.length + 1), epoch: 1, event };
    if (!runEventSchema.safeParse(event).success) continue;
    try {
      RunFold.of([...records, record]);
      records.push(record);
    } catch {
      // It speaks of what is not there.
    }
  }
  return records;
}

function anyOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => anyOf(choice, name)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (name === 'plan') return fc.constant(plan);
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(anyOf(schema.items ?? {}, name), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'string':
      return textOf(schema, name);
    case 'integer':
      return fc.integer({ min: Math.max(schema.minimum ?? -5, -5), max: Math.min(schema.maximum ?? 9, 9) });
    case 'number':
      return fc.constantFrom(...[0, 0.25, 1, 2].filter((one) => one >= (schema.minimum ?? 0)));
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constant(null);
  }
}

function textOf({ pattern }: Schema, name: string): fc.Arbitrary<string> {
  const known = NAMES[name];
  if (known) return fc.constantFrom(...known);
  if (pattern?.includes('0-9a-f')) return fc.constantFrom('a', 'b', 'c').map((digit) => digit.repeat(40));
  return fc.constantFrom('text', 'a', '');
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([key, schema]) => [key, anyOf(schema, key)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required], noNullPrototype: true });
}
