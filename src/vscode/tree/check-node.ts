import { checkText } from '../../core/model/check-text.ts';
import type { CheckSummary } from '../../core/model/checks.ts';
import { commandText } from '../../core/model/command-text.ts';
import { label } from '../text.ts';
import { t } from '../translate.ts';
import { ICONS, type TreeNode } from './node.ts';

/** One of the project's own checks, as it fared so far. */
export function checkNode(run: string, name: string, summary: CheckSummary): TreeNode {
  const { last, flaky, known } = summary;
  const passed = last.outcome === 'passed';
  return {
    id: `${run} check ${name}`,
    run,
    label: label(name),
    description: checkText(summary),
    icon: passed ? (flaky > 0 ? ICONS.rejected : ICONS.passed) : known ? ICONS.rejected : ICONS.failed,
    tooltip: [
      [t('Check'), label(name)],
      [t('Command'), label(commandText(last.command), 400)],
      [t('Last'), checkText(summary)],
      [t('Tree'), last.tree],
      [t('Flaky'), flaky > 0 ? t('It failed and then passed on the same files: its word is not to be relied on.') : ''],
      [t('Output'), passed ? '' : label(last.tail.slice(-600), 600)],
    ],
    flags: ['check'],
    children: [],
    expanded: false,
  };
}
