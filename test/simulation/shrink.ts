import type { Invariant } from './broken.ts';
import type { Case } from './case.ts';
import type { PlantedBug } from './planted-bug.ts';
import { Failed, simulate } from './simulate.ts';

/** One fault alone is tried at so many of the points before its own. */
const MOST_MOVES = 100;

/** The failure of a case, or undefined when it keeps all invariants. */
export async function failureOf(given: Case, bug?: PlantedBug): Promise<Failed | undefined> {
  try {
    await simulate(given, bug);
    return undefined;
  } catch (error) {
    if (error instanceof Failed) return error;
    throw error;
  }
}

interface Limits {
  readonly bug?: PlantedBug;
  readonly most?: number;
  readonly until?: number;
}

/**
 * Makes a failing case smaller for as long as the same invariant is broken: fewer subtasks, dependencies, faults and
 * troublesome workers, and the smallest settings.
 *
 * @param most how many smaller cases are tried at most; `until`: and how long, in milliseconds since 1970
 */
export async function shrink(
  failing: Case,
  invariant: Invariant,
  { bug, most = 2_000, until = Number.POSITIVE_INFINITY }: Limits = {},
): Promise<{ readonly given: Case; readonly failure: Failed }> {
  let given = failing;
  let failure = await failureOf(given, bug);
  if (!failure) throw new Error('The case does not fail.');
  let tried = 0;
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of smallerCases(given)) {
      if (tried >= most || Date.now() > until) return { given, failure };
      tried += 1;
      const found = await failureOf(candidate, bug);
      if (found?.broken.invariant !== invariant) continue;
      given = candidate;
      failure = found;
      smaller = true;
      break;
    }
  }
  return { given, failure };
}

/** One step smaller, the largest steps first. */
function* smallerCases(given: Case): Generator<Case> {
  if (given.sequel) {
    const { sequel, ...rest } = given;
    yield rest;
    for (const index of sequel.faults.keys())
      yield { ...given, sequel: { ...sequel, faults: sequel.faults.toSpliced(index, 1) } };
    const { asks = [], edits = [] } = sequel;
    for (const index of edits.keys()) yield { ...given, sequel: { ...sequel, edits: edits.toSpliced(index, 1) } };
    for (const index of asks.keys()) yield { ...given, sequel: { ...sequel, asks: asks.toSpliced(index, 1) } };
  }
  const { subtasks } = given.plan;
  for (let part = subtasks.length >> 1; part >= 1; part >>= 1) {
    for (let from = 0; from + part <= subtasks.length && subtasks.length > part; from += part)
      yield without(given, new Set(subtasks.slice(from, from + part).map(({ id }) => id)));
  }
  if (given.planner) {
    const { planner, ...rest } = given;
    yield rest;
    for (const [index, behaviour] of planner.entries())
      if (behaviour !== 'good') yield { ...given, planner: planner.with(index, 'good') };
  }
  const { asks = [] } = given;
  for (const index of asks.keys()) yield { ...given, asks: asks.toSpliced(index, 1) };
  for (const index of given.faults.keys()) yield { ...given, faults: given.faults.toSpliced(index, 1) };
  for (const [id, behaviours] of Object.entries(given.behaviours)) {
    if (behaviours.some((behaviour) => behaviour !== 'good'))
      yield { ...given, behaviours: { ...given.behaviours, [id]: [] } };
  }
  for (const [index, { dependsOn }] of subtasks.entries()) {
    for (const dependency of dependsOn) {
      const fewer = dependsOn.filter((id) => id !== dependency);
      yield {
        ...given,
        plan: {
          ...given.plan,
          subtasks: subtasks.map((one, at) => (at === index ? { ...one, dependsOn: fewer } : one)),
        },
      };
    }
  }
  if (given.clashes.length > 0) yield { ...given, clashes: [] };
  if (given.spoils.length > 0) yield { ...given, spoils: [] };
  if (given.check) {
    const { check, ...rest } = given;
    yield rest;
    if (check.breaks.length > 0) yield { ...given, check: { ...check, breaks: check.breaks.slice(1) } };
    if (check.stubborn.length > 0) yield { ...given, check: { ...check, stubborn: [] } };
    if (check.flakiness > 0) yield { ...given, check: { ...check, flakiness: 0 } };
    if (check.trouble > 0) yield { ...given, check: { ...check, trouble: 0 } };
  }
  if (given.costUsd > 0) yield { ...given, costUsd: 0 };
  if (given.concurrency > 1) yield { ...given, concurrency: given.concurrency - 1 };
  if (given.qualityIterations > 0) yield { ...given, qualityIterations: given.qualityIterations - 1 };
  if (given.infrastructureRetries > 0) yield { ...given, infrastructureRetries: given.infrastructureRetries - 1 };
  for (const [index, fault] of given.faults.entries())
    if (fault.nth > 1) yield { ...given, faults: given.faults.with(index, { ...fault, nth: fault.nth - 1 }) };
  // Others may only have moved one to where it hurts.
  if (given.faults.length > 1)
    for (const fault of given.faults)
      for (let nth = 1; nth <= Math.min(fault.nth, MOST_MOVES); nth += 1)
        yield { ...given, faults: [{ ...fault, nth }] };
}

/** Without these subtasks; what depended on them depends on what they depended on. */
function without(given: Case, gone: ReadonlySet<string>): Case {
  const dependsOn = new Map(given.plan.subtasks.map((subtask) => [subtask.id, subtask.dependsOn]));
  const kept = (id: string): string[] => (gone.has(id) ? (dependsOn.get(id) ?? []).flatMap(kept) : [id]);
  const subtasks = given.plan.subtasks
    .filter(({ id }) => !gone.has(id))
    .map((subtask) => ({ ...subtask, dependsOn: [...new Set(subtask.dependsOn.flatMap(kept))] }));
  const behaviours = Object.fromEntries(Object.entries(given.behaviours).filter(([id]) => !gone.has(id)));
  const isKept = (pair: string): boolean => !pair.split('+').some((id) => gone.has(id));
  return {
    ...given,
    plan: { ...given.plan, subtasks },
    behaviours,
    clashes: given.clashes.filter(isKept),
    spoils: given.spoils.filter(isKept),
    ...(given.check ? { check: { ...given.check, breaks: given.check.breaks.filter(isKept) } } : {}),
  };
}
