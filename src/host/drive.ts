import { hierarchy } from '../core/checkpoints/hierarchy.ts';
import { beginRestored } from '../core/checkpoints/restore.ts';
import { restoredRun } from '../core/checkpoints/restored-run.ts';
import { checkSlot } from '../core/integration/check-tree.ts';
import type { Journal } from '../core/journal/journal.ts';
import { checkpointName } from '../core/model/checkpoint-name.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { neededWorktrees } from '../core/model/needed-worktrees.ts';
import type { Plan } from '../core/model/plan.ts';
import { baseRef, snapshotMessage } from '../core/model/refs.ts';
import type { RunState } from '../core/model/run.ts';
import type { RunSettings } from '../core/model/settings.ts';
import { orchestrate } from '../core/orchestrator.ts';
import { linkProblems } from '../core/planning/check-links.ts';
import type { Repository } from '../core/ports/repository.ts';
import { detectCheckCommands, detectChecks } from '../node/checks/detect.ts';
import { endLeftChecks } from '../node/checks/run-check.ts';
import { locateClaude } from '../node/claude/locate.ts';
import { readJournal } from '../node/journal/read.ts';
import { detectSetupCommands } from '../node/set-up/detect.ts';
import { journalFolder } from '../node/state/paths.ts';
import { readRuns } from '../node/state/runs.ts';
import { systemClock, systemRandom } from '../node/system.ts';
import type { Opened } from './opened.ts';
import { contextOf, knownRun, owning, sessionsOf } from './opened.ts';
import { tidyCheckpoints } from './prune.ts';

const GIGABYTE = 1_000_000_000;

export interface RunRequest {
  readonly task: string;
  /** A given plan needs no planner. */
  readonly plan: Plan | undefined;
  readonly settings: RunSettings;
  /** Ends with the plan: nothing is asked, started or written to the repository. */
  readonly planOnly: boolean;
  /** Starts from a snapshot of the person's files instead of HEAD. */
  readonly includeUncommitted?: boolean;
}

/** See `Host.run`. */
export async function run(
  opened: Opened,
  request: RunRequest,
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, repository } = opened;
  const { settings } = request;
  const [claude, head] = await Promise.all([
    locateClaude(options.claude, options.env, signal),
    repository.head(signal),
  ]);
  const checkCommands =
    settings.checkCommands.length > 0 ? settings.checkCommands : await detectCheckCommands(repository.root);
  const checks = settings.checks ?? (await detectChecks(repository.root));
  const setupCommands = settings.setupCommands ?? (await detectSetupCommands(repository.root));
  const id = runId();
  await refuseLinks(opened, request, head.commit, signal);
  return owning(opened, id, settings.environment, onChange, async (journal) => {
    const base = request.includeUncommitted
      ? await repository.snapshotFiles(baseRef(id), snapshotMessage(id), signal)
      : head.commit;
    if (base !== head.commit) await refuseLinks(opened, request, base, signal);
    await journal.record(
      {
        type: 'run.created',
        run: id,
        task: request.task,
        repository: repository.root,
        branch: head.branch,
        base,
        ...(base === head.commit ? {} : { uncommitted: true }),
        settings: { ...settings, checkCommands: [...checkCommands], checks, setupCommands },
      },
      ...(request.plan ? [{ type: 'plan.proposed', by: 'file', plan: request.plan } as const] : []),
    );
    return drive(opened, journal, claude.path, request.planOnly, signal);
  });
}

/** See `Host.restore`. */
export async function restore(
  opened: Opened,
  { run: from, checkpoint }: { readonly run: string; readonly checkpoint: string },
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, paths, repository } = opened;
  const known = knownRun(paths, from);
  const place = hierarchy(known).find(({ id }) => id === checkpoint);
  if (!place) {
    throw new OrchestratorError(
      'wrong-use',
      `The run ${from} has no checkpoint "${checkpointName(from, checkpoint)}".`,
      {
        fix: `See "claude-orchestrator checkpoints list ${from}".`,
      },
    );
  }
  const claude = (await locateClaude(options.claude, options.env, signal)).path;
  const id = runId();
  return owning(opened, id, known.settings.environment, onChange, async (journal) => {
    const { records } = readJournal(journalFolder(paths, from));
    const at = { checkpoint: place.id, seq: place.seq };
    const restored = restoredRun(records, at, id, (subtask) => `${subtask}-${systemRandom.id()}`);
    await beginRestored({ journal, repository, sessions: sessionsOf(opened, id) }, id, restored, signal);
    return drive(opened, journal, claude, false, signal);
  });
}

/** Throws `bad-plan` when a given plan names paths that go through links of this commit. */
async function refuseLinks(
  { repository }: Opened,
  { plan }: RunRequest,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const problems = plan ? await linkProblems(plan, repository, commit, signal) : [];
  if (problems.length === 0) return;
  throw new OrchestratorError(
    'bad-plan',
    ['The plan can not be used:', ...problems.map((line) => `  ${line}`)].join('\n'),
  );
}

/** See `Host.resume`. */
export async function resume(
  opened: Opened,
  id: string,
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, paths } = opened;
  const known = knownRun(paths, id);
  if (known.endedAt !== undefined) return known;
  // Whoever only wants what runs to be ended needs no CLI for it.
  const claude = signal.aborted ? '' : (await locateClaude(options.claude, options.env, signal)).path;
  return owning(opened, id, known.settings.environment, onChange, async (journal) => {
    // Its owner may have ended it while this waited for the repository.
    if (journal.state.endedAt !== undefined) return journal.state;
    // Said at once: a worker may be silent for a long time.
    onChange(journal.state);
    return drive(opened, journal, claude, false, signal);
  });
}

async function drive(
  opened: Opened,
  journal: Journal,
  claude: string,
  planOnly: boolean,
  signal: AbortSignal,
): Promise<RunState> {
  const { paths, repository, driven } = opened;
  const known = readRuns(paths);
  await sweepWorktrees(known.runs, repository, journal.state.settings.diskQuotaGb * GIGABYTE);
  await tidyCheckpoints(opened, known, journal.state.settings);
  const { id } = journal.state;
  // A kill can have come before its clean-up.
  for (const { id: attempt, ended: end, continues } of journal.state.attempts.values())
    if (end && continues !== undefined) await sessionsOf(opened, id).putAway(attempt);
  endLeftChecks(checkSlot(id));
  if (!planOnly) opened.options.parsers.expect();
  driven.set(id, journal);
  try {
    return await orchestrate(contextOf(opened, journal, claude), { plan: undefined, planOnly }, signal);
  } finally {
    driven.delete(id);
  }
}

/** A run of which nothing runs any more; undefined when its journal can't be read. Throws when there is no such run. */
export async function ended(opened: Opened, id: string): Promise<RunState | undefined> {
  const { runs, unreadable } = readRuns(opened.paths);
  if (unreadable.some((run) => run.id === id)) return undefined;
  const known = runs.find((run) => run.id === id) ?? knownRun(opened.paths, id);
  if (known.endedAt !== undefined) return known;
  return resume(opened, id, ignore, AbortSignal.abort(new OrchestratorError('cancelled', 'It was discarded.')));
}

/** Takes over the worktrees that unfinished attempts work in, and removes all others. Needs the lock. */
async function sweepWorktrees(runs: readonly RunState[], repository: Repository, quotaBytes: number): Promise<void> {
  await repository.sweepWorktrees(new Set(runs.flatMap(neededWorktrees)), quotaBytes);
}

export const ignore = (): void => undefined;

/** Sorts by time when sorted by name. */
function runId(): string {
  return `${new Date(systemClock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${systemRandom.id()}`;
}
