import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subtask } from '../../../src/core/model/plan.ts';
import type { RunSettings } from '../../../src/core/model/settings.ts';
import { contentKeys, differences } from '../../../src/core/reuse/content-key.ts';
import { sha256 } from '../../../src/node/system.ts';
import { foldOf, planOf, started, subtask } from '../recorded-run.ts';

const keysOf = (subtasks: readonly Subtask[], settings: Partial<RunSettings> = {}, files = 'tree') =>
  contentKeys(foldOf(...started(planOf(...subtasks), settings)).state, () => files, sha256);

const keyOf = (one: Subtask, settings?: Partial<RunSettings>, files?: string) =>
  keysOf([one], settings, files).get(one.id)?.key;

describe('a content key', () => {
  const a = subtask('a');

  it('holds where only its name, its estimate, line ends and the order of its lists are others', () => {
    const same = { ...a, id: 'b', estimate: { seconds: 5 }, instructions: 'Do a. \r\n', scope: [...a.scope].reverse() };
    expect(keyOf(same)).toBe(keyOf(a));
  });

  it.each<[string, Partial<Subtask>, Partial<RunSettings>, string]>([
    ['its instructions', { instructions: 'Do it well.' }, {}, 'tree'],
    ['what is asked of its result', { produces: ['x.js'] }, {}, 'tree'],
    ['the model', {}, { model: 'other' }, 'tree'],
    ['what workers may run', {}, { checkCommands: ['make'] }, 'tree'],
    ['the files it rests on', {}, {}, 'other tree'],
  ])('does not hold when %s changed, and tells that', (what, change, settings, files) => {
    const before = keysOf([a]).get('a');
    const now = keysOf([{ ...a, ...change }], settings, files).get('a');
    expect(now?.key).not.toBe(before?.key);
    expect(now && before && differences(now, before)).toEqual([what]);
  });

  it('changes with whatever it depends on, directly or not, and with nothing else', () => {
    // Subtask i depends on some of those before it.
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
      .chain((edges) => fc.tuple(fc.constant(edges), fc.nat(edges.length - 1)));
    fc.assert(
      fc.property(graphs, ([edges, changed]) => {
        const plan = edges.map((to, index) =>
          subtask(`s${index}`, index === 0 ? [] : [...new Set(to.map((edge) => `s${edge % index}`))]),
        );
        const after = plan.map((one, index) => (index === changed ? { ...one, instructions: 'Otherwise.' } : one));
        const [before, now] = [keysOf(plan), keysOf(after)];
        const affected = new Set([`s${changed}`]);
        for (const { id, dependsOn } of plan) if (dependsOn.some((name) => affected.has(name))) affected.add(id);
        for (const { id } of plan) expect(now.get(id)?.key !== before.get(id)?.key).toBe(affected.has(id));
      }),
    );
  });

  it('is found for a chain of ten thousand', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      subtask(`s${index}`, index > 0 ? [`s${index - 1}`] : []),
    );
    expect(keysOf(chain.toReversed()).size).toBe(10_000);
  });
});
