import { capsText } from '../core/model/budget.ts';
import { commandText } from '../core/model/command-text.ts';
import type { Plan, Subtask } from '../core/model/plan.ts';
import type { RunSettings } from '../core/model/settings.ts';
import { count, duration, markdown } from './text.ts';
import { t } from './translate.ts';

export interface PlanDocument {
  readonly task: string;
  readonly plan: Plan;
  readonly settings: RunSettings;
  /** null: no branch is checked out. */
  readonly branch: string | null;
  /** Uncommitted changes that the run will not see; undefined when that is not known any more. */
  readonly dirtyPaths: readonly string[] | undefined;
  /** How long it will take and what it will cost; undefined when it has been started. */
  readonly estimate: string | undefined;
  /** Whether it waits for the person, so that nothing has been started. */
  readonly isWaiting: boolean;
}

const DIRTY_SHOWN = 30;

/** A plan as a Markdown document for a person. Whatever a model wrote is escaped. */
export function planDocument({ task, plan, settings, branch, dirtyPaths, estimate, isWaiting }: PlanDocument): string {
  const levels = subtaskLevels(plan);
  return [
    `# ${markdown(plan.title)}`,
    quoted(task),
    [
      t(
        '**{0}** in {1}, at most {2} at the same time',
        count(plan.subtasks.length, 'subtask'),
        count(levels.length, 'level'),
        settings.concurrency,
      ),
      ...(estimate === undefined ? [] : [estimate]),
      t('**Spending cap {0}** for the whole run', capsText(settings)),
      branch === null
        ? t('Starts from the commit that is checked out; your files stay as they are until you apply the result')
        : t('Starts from branch **{0}**; your files stay as they are until you apply the result', markdown(branch)),
      settings.checkCommands.length === 0
        ? t('Every command a worker wants to run is asked')
        : t('Runs without asking: {0}', settings.checkCommands.map((command) => markdown(command)).join(', ')),
      ...checkLines(settings),
      ...(settings.setupCommands ?? []).map(
        (command) => `Runs in every worktree first: ${markdown(command.join(' '))}`,
      ),
    ]
      .map((line) => `- ${line}`)
      .join('\n'),
    ...(isWaiting ? [t('Nothing has been started yet. Start it in the notification, or in the Runs view.')] : []),
    ...dirty(dirtyPaths),
    t('## Subtasks'),
    table(levels),
    ...plan.subtasks.map((subtask) => details(subtask)),
    '',
  ].join('\n\n');
}

function checkLines({ checks }: RunSettings): readonly string[] {
  return (checks ?? []).map(({ command, detected }) => {
    const why = detected ? t('found in the repository, must not get worse') : t('must pass');
    return t('Runs on what is merged: {0} ({1})', markdown(commandText(command), 500), why);
  });
}

/** Subtasks by level: each depends only on those of the levels before it. What a circle holds comes last. */
export function subtaskLevels(plan: Plan): readonly (readonly Subtask[])[] {
  const levels: Subtask[][] = [];
  const placed = new Set<string>();
  let open = [...plan.subtasks];
  while (open.length > 0) {
    const free = open.filter(({ dependsOn }) => dependsOn.every((id) => placed.has(id)));
    const level = free.length > 0 ? free : open;
    levels.push(level);
    for (const { id } of level) placed.add(id);
    open = open.filter(({ id }) => !placed.has(id));
  }
  return levels;
}

function table(levels: readonly (readonly Subtask[])[]): string {
  const rows = levels.flatMap((level, index) =>
    level.map(({ id, title, dependsOn, scope, produces, estimate }) =>
      [
        String(index + 1),
        `**${markdown(id)}**<br>${markdown(title)}`,
        list(dependsOn),
        scope.length === 0 ? t('everything, so it runs alone') : list(scope),
        list(produces),
        estimate ? duration(estimate.seconds * 1000) : '',
      ].join(' | '),
    ),
  );
  const head = t('Level | Subtask | Builds on | May change | Must produce | Estimate');
  return [head, '---: | --- | --- | --- | --- | ---:', ...rows].map((row) => `| ${row} |`).join('\n');
}

function details({ id, title, instructions }: Subtask): string {
  return `### ${markdown(id)}: ${markdown(title)}\n\n${quoted(instructions)}`;
}

function dirty(paths: readonly string[] | undefined): readonly string[] {
  if (paths === undefined || paths.length === 0) return [];
  const shown = paths.slice(0, DIRTY_SHOWN).map((path) => `- ${markdown(path)}`);
  if (paths.length > DIRTY_SHOWN) shown.push(t('- and {0} more', paths.length - DIRTY_SHOWN));
  return [
    t('## Not part of the run'),
    t(
      'These files have changes that are not committed. The workers will not see them, unless you start with uncommitted changes:',
    ),
    shown.join('\n'),
  ];
}

/** Several lines of data as a quotation; its own line ends stay, its own markup does not. */
function quoted(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => `> ${markdown(line, 10_000)}`)
    .join('  \n');
}

function list(items: readonly string[]): string {
  return items.map((item) => markdown(item)).join('<br>');
}
