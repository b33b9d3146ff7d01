import { type RunContext, uncancelled } from '../context.ts';
import type { Subtask } from '../model/plan.ts';
import type { AttemptState, RunState } from '../model/run.ts';
import { inScope } from '../model/scope.ts';
import { type ContentKey, contentKeys, differences } from './content-key.ts';

/** A result of an earlier run whose key holds. */
export interface EarlierResult {
  readonly run: string;
  readonly attempt: AttemptState;
  readonly captured: NonNullable<AttemptState['captured']>;
  readonly key: string;
  /** The run's base has it already: it was applied, and nothing else has changed since. */
  readonly inBase: boolean;
}

/** What there is of earlier results for a subtask: one to try, or why none holds; neither where it is new. */
export type Lookup = { readonly found: EarlierResult } | { readonly reason: string | undefined };

interface Source {
  readonly run: RunState;
  readonly keys: ReadonlyMap<string, ContentKey>;
  readonly inBase: boolean;
}

interface Known {
  /** Key of a subtask of this run. */
  readonly own: (subtask: Subtask) => Promise<ContentKey | undefined>;
  readonly sources: readonly Source[];
  /** By key. */
  readonly results: ReadonlyMap<string, EarlierResult>;
}

/** The earlier results of a repository, read when the first is asked for. */
export class EarlierResults {
  readonly #context: RunContext;
  #known: Promise<Known> | undefined;

  constructor(context: RunContext) {
    this.#context = context;
  }

  async lookUp(subtask: Subtask): Promise<Lookup> {
    this.#known ??= this.#read();
    const { own, sources, results } = await this.#known;
    const key = sources.length > 0 ? await own(subtask) : undefined;
    if (!key) return { reason: undefined };
    const found = results.get(key.key);
    if (found) return { found };
    return { reason: missed(subtask, key, sources) };
  }

  async #read(): Promise<Known> {
    const { journal, hash, history, repository } = this.#context;
    const earlier = (await history.earlierRuns()).filter(({ integrationOrder }) => integrationOrder.length > 0);
    const files = new Files(this.#context);
    const tree = await repository.treeOf(journal.state.base, uncancelled());
    const sources: Source[] = [];
    for (const run of earlier) {
      // What it applied itself is no change of what its subtasks rest on, though it was killed before it could say so.
      const { application } = run;
      const inBase = application !== undefined && (await treeOf(this.#context, application.to)) === tree;
      const base = inBase ? tree : await treeOf(this.#context, run.base);
      if (base === undefined) continue;
      const inputs = await files.of(run, base);
      sources.push({ run, keys: contentKeys(run, inputs, hash), inBase });
    }
    const results = new Map<string, EarlierResult>();
    // The newest of several comes last, but one that found everything there already says nothing about other bases.
    for (const source of sources.toReversed())
      for (const [key, result] of resultsOf(source))
        if (result.captured.files.length > 0 || !results.has(key)) results.set(key, result);
    let keys: Promise<ReadonlyMap<string, ContentKey>> | undefined;
    let subtasks: ReadonlyMap<string, Subtask> = new Map();
    const own = async (subtask: Subtask): Promise<ContentKey | undefined> => {
      // The graph can change while the run goes on.
      const { state } = journal;
      const skips = subtask.dependsOn.some((id) => state.subtasks.get(id)?.status === 'skipped');
      if (!keys || skips || subtasks.get(subtask.id) !== subtask) {
        subtasks = new Map([...state.subtasks].map(([id, known]) => [id, known.subtask]));
        keys = files.of(state, tree).then((inputs) => contentKeys(state, inputs, hash));
      }
      return (await keys).get(subtask.id);
    };
    return { own, sources, results };
  }
}

function* resultsOf({ run, keys, inBase }: Source): Iterable<[string, EarlierResult]> {
  for (const [id, { key }] of keys) {
    const attempt = accepted(run, id);
    if (attempt?.captured) yield [key, { run: run.id, attempt, captured: attempt.captured, key, inBase }];
  }
}

/** What tells the files that subtasks rest on from any others. */
class Files {
  readonly #context: RunContext;
  readonly #listed = new Map<string, ReadonlyMap<string, string>>();

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** For the subtasks of a run on this tree. */
  async of(run: RunState, tree: string): Promise<(subtask: Subtask) => string> {
    const declared = [...run.subtasks.values()].some(({ subtask }) => subtask.inputs !== undefined);
    const files = declared ? await this.#list(tree) : new Map<string, string>();
    return ({ inputs }) => {
      if (!inputs) return tree;
      const lines = [...files].filter(([path]) => inputs.length > 0 && inScope(path, inputs));
      return this.#context.hash(JSON.stringify(lines.sort(([a], [b]) => (a < b ? -1 : 1))));
    };
  }

  async #list(tree: string): Promise<ReadonlyMap<string, string>> {
    const known = this.#listed.get(tree) ?? (await this.#context.repository.listFiles(tree, uncancelled()));
    this.#listed.set(tree, known);
    return known;
  }
}

/** The merged result of a subtask. */
function accepted(run: RunState, id: string): AttemptState | undefined {
  const state = run.subtasks.get(id);
  return state?.status === 'completed' ? run.attempts.get(state.attempts.at(-1) ?? '') : undefined;
}

/** Why the result of the newest run that did this subtask does not hold; undefined where no run did. */
function missed({ id }: Subtask, key: ContentKey, sources: readonly Source[]): string | undefined {
  const source = sources.find(({ run }) => accepted(run, id) !== undefined);
  const before = source?.keys.get(id);
  if (!source || !before) return undefined;
  const changed = differences(key, before);
  const list = changed.length > 0 ? changed.join(' and ') : 'what it rests on';
  return `${list} changed since the run ${source.run.id}`;
}

/** undefined: it is gone. */
async function treeOf({ repository }: RunContext, commit: string): Promise<string | undefined> {
  return repository.treeOf(commit, uncancelled()).catch(() => undefined);
}
