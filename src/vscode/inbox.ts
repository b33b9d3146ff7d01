import * as vscode from 'vscode';
import type { ConflictQuestion, PermissionQuestion, PlanQuestion } from '../core/ports/approvals.ts';

export type OpenQuestion =
  | { readonly kind: 'plan'; readonly id: string; readonly question: PlanQuestion }
  | { readonly kind: 'permission'; readonly id: string; readonly question: PermissionQuestion }
  | { readonly kind: 'conflict'; readonly id: string; readonly question: ConflictQuestion };

type Kind = OpenQuestion['kind'];

interface Answer {
  readonly yes: boolean;
  /** Of a plan: with the person's uncommitted changes. */
  readonly includeUncommitted?: boolean;
}

/** Questions that wait for the person, from whichever place they answer first. Each is answered once. */
export class Inbox implements vscode.Disposable {
  readonly #open = new Map<string, { readonly question: OpenQuestion; readonly answer: (answer: Answer) => void }>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** What is open, the oldest first. */
  list(): readonly OpenQuestion[] {
    return [...this.#open.values()].map(({ question }) => question);
  }

  find(id: string): OpenQuestion | undefined {
    return this.#open.get(id)?.question;
  }

  /** Resolves with the person's answer; rejects with the signal's reason when the question is withdrawn. */
  ask(question: OpenQuestion, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const close = (): void => {
        this.#open.delete(question.id);
        signal.removeEventListener('abort', withdraw);
        this.#changed.fire();
      };
      const withdraw = (): void => {
        close();
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', withdraw);
      this.#open.set(question.id, {
        question,
        answer: (answer) => {
          close();
          resolve(answer);
        },
      });
      this.#changed.fire();
    });
  }

  /** Answers an open question of this kind. False: it was answered or withdrawn before. */
  answer(kind: Kind, id: string, answer: Answer): boolean {
    const found = this.#open.get(id);
    if (found?.question.kind !== kind) return false;
    found.answer(answer);
    return true;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Id of the one question about a run's plan. */
export const planQuestionId = (run: string): string => `plan ${run}`;
