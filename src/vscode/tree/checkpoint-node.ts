import { type Checkpoint, hierarchy } from '../../core/checkpoints/hierarchy.ts';
import type { CheckpointState } from '../../core/model/checkpoint.ts';
import type { KnownRun } from '../known-run.ts';
import { count, joined, label } from '../text.ts';
import { t } from '../translate.ts';
import { ICONS, type Icon, type TreeNode } from './node.ts';

function appearance(state: CheckpointState): { icon: Icon; text: string } {
  switch (state) {
    case 'CREATED':
      return { icon: ICONS.waiting, text: t('created') };
    case 'ACTIVE':
      return { icon: ICONS.checkpoint, text: t('active') };
    case 'COMPLETED':
      return { icon: ICONS.passed, text: t('completed') };
    case 'FAILED':
      return { icon: ICONS.failed, text: t('failed') };
    case 'RESTORED':
      return { icon: ICONS.restored, text: t('restored') };
  }
}

/** State and how far the run was, as a person reads them. */
export const checkpointText = ({ state, progress }: Checkpoint): string =>
  joined(appearance(state).text, t('{0} % merged', Math.round(progress.percent)));

const BEGUN: ReadonlySet<CheckpointState> = new Set(['CREATED', 'ACTIVE']);

/** The checkpoints of a run, as they lie in each other; undefined while there is none to go back to. */
export function checkpointsNode(known: KnownRun): TreeNode | undefined {
  const { state } = known;
  if (!state.approved) return undefined;
  const all = hierarchy(state).filter(({ kind }) => kind !== 'run');
  const parents = new Set(all.map(({ parent }) => parent));
  // What has only begun is no place to go back to, but may hold some.
  const reached = all.filter(({ id, state: reachedState }) => !BEGUN.has(reachedState) || parents.has(id));
  if (reached.length === 0) return undefined;
  const below = new Map<string, Checkpoint[]>();
  for (const checkpoint of reached) {
    const siblings = below.get(checkpoint.parent);
    if (siblings) siblings.push(checkpoint);
    else below.set(checkpoint.parent, [checkpoint]);
  }
  const node = (checkpoint: Checkpoint): TreeNode => {
    const { id, title, progress, reason, commit, session, worker } = checkpoint;
    const step = t('step {0} of {1}', progress.step, progress.of);
    return {
      id: `${state.id} checkpoint ${id}`,
      run: state.id,
      checkpoint: id,
      label: label(title),
      description: checkpointText(checkpoint),
      icon: appearance(checkpoint.state).icon,
      tooltip: [
        [t('Checkpoint'), label(id)],
        [t('State'), joined(appearance(checkpoint.state).text, step, label(reason ?? '', 400))],
        [t('When'), new Date(checkpoint.at).toLocaleString()],
        [t('Files'), commit ?? ''],
        [t('Session'), session ? t('kept') : ''],
        [t('Worker'), worker ?? ''],
      ],
      flags: ['checkpoint'],
      children: (below.get(id) ?? []).map(node),
      expanded: false,
    };
  };
  const children = (below.get('') ?? []).map(node);
  return {
    id: `${state.id} checkpoints`,
    run: state.id,
    label: t('Checkpoints'),
    description: count(reached.length, 'checkpoint'),
    icon: ICONS.checkpoint,
    tooltip: [[t('Checkpoints'), t('Places that a new run can go on from.')]],
    flags: ['checkpoints'],
    children,
    expanded: false,
  };
}
