import { join } from 'node:path';
import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { OrchestratorError } from '../core/model/error.ts';
import type { ChangedFile } from '../core/model/event-fields.ts';
import { gitUri } from './documents.ts';
import type { KnownRun } from './known-run.ts';
import { withoutIcons } from './text.ts';
import { t } from './translate.ts';

interface Change {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly files: readonly ChangedFile[];
}

/** Opens what an attempt has changed, or without one what applying the run would change now, in the changes editor. */
export async function openDiff(known: KnownRun, attempt: string | undefined): Promise<void> {
  const { state } = known;
  const change = attempt === undefined ? await runChange(known) : attemptChange(known, attempt);
  if (change.files.length === 0)
    throw new OrchestratorError('wrong-use', t('There is nothing to show: no file was changed.'));
  const resources = change.files.map(({ path, change: kind }) => [
    vscode.Uri.file(join(state.repository, ...path.split('/'))),
    kind === 'added' ? undefined : gitUri(state.id, change.from, path),
    kind === 'deleted' ? undefined : gitUri(state.id, change.to, path),
  ]);
  await vscode.commands.executeCommand('vscode.changes', change.title, resources);
}

async function runChange({ host, state }: KnownRun): Promise<Change> {
  const title = withoutIcons(state.plan?.title ?? state.task, 60);
  if (state.endedAt !== undefined && !state.applied) {
    const plan = await host.planApply(state.id, uncancelled());
    if (plan.ok) return { ...plan, title: `${title} → ${withoutIcons(plan.branch, 40)}` };
  }
  // What was merged, where it can't be compared with the branch as it is now.
  const files = await host.repository.changedFiles(state.base, state.integrated, uncancelled());
  return { title, from: state.base, to: state.integrated, files };
}

function attemptChange({ state }: KnownRun, id: string): Change {
  const attempt = state.attempts.get(id);
  if (!attempt?.captured) {
    throw new OrchestratorError('wrong-use', t('This attempt has no result yet.'), {
      fix: t('Its terminal shows what it does.'),
    });
  }
  const { commit, files } = attempt.captured;
  const title = withoutIcons(t('{0}, attempt {1}', attempt.subtask ?? 'planner', attempt.number), 80);
  return { title, from: attempt.base, to: commit, files };
}
