import type { Subtask } from '../model/plan.ts';
import type { RunState } from '../model/run.ts';
import type { Hash } from '../ports/hash.ts';

/** What a result rests on. Where all of it is the same, an earlier result is worth a try. */
export interface ContentKey {
  readonly prompt: string;
  readonly acceptance: string;
  readonly profile: string;
  readonly tools: string;
  /** Keys of the subtasks that it depends on directly, which hold those of theirs. Id → key. */
  readonly dependencies: ReadonlyMap<string, string>;
  readonly inputs: string;
  /** Over all of that, in hexadecimal digits. */
  readonly key: string;
}

/** Another one when what a key is made of changes, so that no key of before holds. */
const VERSION = 1;

/**
 * The keys of a run's subtasks. Ids are no part of them: what is called otherwise is the same work.
 *
 * @param inputsOf what tells the files that a subtask rests on from any others
 */
export function contentKeys(
  run: RunState,
  inputsOf: (subtask: Subtask) => string,
  hash: Hash,
): ReadonlyMap<string, ContentKey> {
  const keys = new Map<string, ContentKey>();
  const { model, checkCommands, settingSources } = run.settings;
  const profile = canonical({ model });
  const tools = canonical({ checkCommands: [...checkCommands].sort(), settingSources: [...settingSources].sort() });
  for (const subtask of inOrder(run)) {
    const { title, instructions, scope, produces, dependsOn, inputs, id } = subtask;
    const dependencies = new Map(dependsOn.map((name) => [name, resultKey(run, name, keys)]));
    const parts = {
      prompt: canonical({ title: plain(title), instructions: plain(instructions) }),
      acceptance: canonical({ scope: [...scope].sort(), produces: [...produces].sort() }),
      profile,
      tools,
      inputs: canonical({ declared: inputs ? [...inputs].sort() : null, files: inputsOf(subtask) }),
    };
    const key = hash(canonical({ VERSION, ...parts, dependencies: [...dependencies.values()].sort() }));
    keys.set(id, { ...parts, dependencies, key });
  }
  return keys;
}

/** Of the result of a dependency; one that was skipped has none. */
function resultKey(run: RunState, id: string, keys: ReadonlyMap<string, ContentKey>): string {
  return run.subtasks.get(id)?.status === 'skipped' ? `skipped ${id}` : (keys.get(id)?.key ?? '');
}

/** What keeps a key from holding, for a person: empty where nothing does. */
export function differences(now: ContentKey, before: ContentKey): string[] {
  const names = {
    prompt: 'its instructions',
    acceptance: 'what is asked of its result',
    profile: 'the model',
    tools: 'what workers may run',
    inputs: 'the files it rests on',
  } as const;
  const changed = (Object.keys(names) as (keyof typeof names)[]).filter((part) => now[part] !== before[part]);
  const known = new Set(before.dependencies.values());
  const others = [...now.dependencies]
    .filter(([, key]) => !known.has(key))
    .map(([id]) => `"${id}", on which it depends,`);
  const fewer = others.length === 0 && now.dependencies.size !== before.dependencies.size;
  return [...changed.map((part) => names[part]), ...others, ...(fewer ? ['what it depends on'] : [])];
}

/** Each after those it depends on; what lies on a circle or depends on what is not there comes as it can. */
function inOrder(run: RunState): Subtask[] {
  const order: Subtask[] = [];
  const seen = new Set<string>();
  for (const first of run.subtasks.keys()) {
    const open: { readonly subtask: Subtask; readonly rest: string[] }[] = [];
    const enter = (id: string): void => {
      const subtask = run.subtasks.get(id)?.subtask;
      if (!subtask || seen.has(id)) return;
      seen.add(id);
      open.push({ subtask, rest: [...subtask.dependsOn] });
    };
    enter(first);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.rest.pop();
      if (next !== undefined) enter(next);
      else {
        open.pop();
        order.push(top.subtask);
      }
    }
  }
  return order;
}

/** Line ends and blanks at the ends of lines say nothing. */
function plain(text: string): string {
  return text
    .normalize('NFC')
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

const canonical = (value: object): string => JSON.stringify(value);
