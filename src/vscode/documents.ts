import * as vscode from 'vscode';
import type { EditorHost } from './host-port.ts';
import { type Inbox, planQuestionId } from './inbox.ts';
import { planDocument } from './plan-document.ts';
import type { Runs } from './runs.ts';
import { t } from './translate.ts';

/** Read-only documents about runs: `/RUN/plan.md` and `/RUN/question.json?REQUEST`. */
const ABOUT_RUNS = 'claude-orchestrator';
/** Read-only documents from git objects: `/PATH?RUN TREEISH`. */
const IN_GIT = 'claude-orchestrator-git';

export function planUri(run: string): vscode.Uri {
  return vscode.Uri.from({ scheme: ABOUT_RUNS, path: `/${run}/plan.md` });
}

export function questionUri(run: string, request: string): vscode.Uri {
  return vscode.Uri.from({ scheme: ABOUT_RUNS, path: `/${run}/question.json`, query: request });
}

/** A file as it is in a commit of the run's repository. */
export function gitUri(run: string, commit: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: IN_GIT, path: `/${path}`, query: `${run} ${commit}` });
}

export function registerDocuments(runs: Runs, inbox: Inbox): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const refresh = (): void => {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === ABOUT_RUNS) changed.fire(uri);
  };
  return vscode.Disposable.from(
    changed,
    inbox.onDidChange(refresh),
    vscode.workspace.registerTextDocumentContentProvider(ABOUT_RUNS, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => aboutRun(uri, runs, inbox),
    }),
    vscode.workspace.registerTextDocumentContentProvider(IN_GIT, {
      provideTextDocumentContent: (uri, token) => inGit(uri, (run) => runs.find(run)?.host, token),
    }),
  );
}

function aboutRun(uri: vscode.Uri, runs: Runs, inbox: Inbox): string {
  const [, run = '', name] = uri.path.split('/');
  if (name === 'question.json') {
    const open = inbox.find(uri.query);
    if (open?.kind !== 'permission') return `${t('This question was answered or withdrawn.')}\n`;
    const { tool, input, subtask } = open.question;
    return `${JSON.stringify({ worker: subtask, tool, input }, null, 2)}\n`;
  }
  const state = runs.find(run)?.state;
  if (!state?.plan) return `${t('This run has no plan.')}\n`;
  const open = inbox.find(planQuestionId(run));
  return planDocument({
    task: state.task,
    plan: state.plan,
    settings: state.settings,
    branch: state.branch,
    dirtyPaths: open?.kind === 'plan' ? open.question.dirtyPaths : undefined,
    estimate: open?.kind === 'plan' ? open.question.estimate : undefined,
    isWaiting: open !== undefined,
  });
}

async function inGit(
  uri: vscode.Uri,
  hostOf: (run: string) => EditorHost | undefined,
  token: vscode.CancellationToken,
): Promise<string> {
  const [run = '', commit = ''] = uri.query.split(' ');
  const host = hostOf(run);
  if (!host || !/^[0-9a-f]{40,64}$/.test(commit)) return '';
  const stop = new AbortController();
  const subscription = token.onCancellationRequested(() => stop.abort(new vscode.CancellationError()));
  try {
    const path = uri.path.slice(1);
    const contents = await host.repository.readFiles(commit, [path], stop.signal);
    return new TextDecoder().decode(contents.get(path));
  } finally {
    subscription.dispose();
  }
}
