import type { RunState } from '../core/model/run.ts';
import type { OpenQuestion } from './inbox.ts';
import { count, label } from './text.ts';
import { t } from './translate.ts';

/** Something that a person who looks elsewhere wants to hear about. */
export interface News {
  readonly title: string;
  readonly body: string;
}

/** Notices what is new since it was asked last. */
export class NewsWatch {
  readonly #questions = new Set<string>();
  readonly #running = new Set<string>();

  /** A person is needed, or a run of this window has ended; a run that they cancelled themselves is no news. */
  look(runs: readonly RunState[], questions: readonly OpenQuestion[]): readonly News[] {
    const asked = questions.filter(({ id }) => !this.#questions.has(id));
    for (const { id } of asked) this.#questions.add(id);
    const ended = runs.filter(({ id, endedAt }) => endedAt !== undefined && this.#running.delete(id));
    for (const { id, endedAt } of runs) if (endedAt === undefined) this.#running.add(id);
    return [
      ...asked.map((question) => ({ title: t('Claude Orchestrator needs you'), body: bodyOf(question) })),
      ...ended
        .filter(({ status }) => status !== 'cancelled')
        .map(({ status, plan, task }) => ({
          title: t('Claude Orchestrator: {0}', status),
          body: label(plan?.title ?? task),
        })),
    ];
  }
}

/** What a worker asks in detail stays in the window: others may see the desktop. */
function bodyOf(open: OpenQuestion): string {
  switch (open.kind) {
    case 'plan': {
      const { plan } = open.question;
      return t('Start {0}: {1}?', count(plan.subtasks.length, 'subtask'), label(plan.title));
    }
    case 'conflict':
      return t('"{0}" waits for you to resolve a conflict.', open.question.subtask);
    case 'permission':
      return t('"{0}" asks for permission.', open.question.subtask ?? 'planner');
  }
}
