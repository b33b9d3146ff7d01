import { outcomeText } from '../core/model/check-text.ts';
import type { CheckSummary } from '../core/model/checks.ts';
import { plainText } from '../core/model/plain-text.ts';
import { provenance } from '../core/model/provenance.ts';
import type { RunState } from '../core/model/run.ts';

/** Prints what changed since the last state: subtasks' statuses, rejected results, merges. */
export class Progress {
  readonly #print: (line: string) => void;
  readonly #seen = new Map<string, string>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  update(run: RunState): void {
    this.#once('run', run.status, () => (run.status === 'planning' ? 'Planning…' : undefined));
    for (const { subtask, status, reason, attempts } of run.subtasks.values()) {
      const attempt = run.attempts.get(attempts.at(-1) ?? '');
      const from = attempt && provenance(attempt);
      this.#once(`from ${subtask.id}`, from ?? '', () => (from ? `${subtask.id}: ${plainText(from)}` : undefined));
      const rejected = attempt?.validated && attempt.validated.verdict !== 'passed' ? attempt.validated.turn : 0;
      this.#once(`verdict ${subtask.id}`, `${attempts.length} ${rejected}`, () =>
        rejected > 0 ? `${subtask.id}: the checks did not pass (turn ${rejected})` : undefined,
      );
      this.#once(`subtask ${subtask.id}`, status, () => {
        if (status === 'waiting' && reason === undefined) return undefined;
        const cost = attempt && status === 'completed' ? `, $${attempt.usage.costUsd.toFixed(4)}` : '';
        return `${subtask.id}: ${status}${cost}${reason ? ` (${plainText(reason)})` : ''}`;
      });
    }
    for (const [name, summary] of run.checks) this.#check(plainText(name), summary);
    if (run.endedAt !== undefined)
      this.#once(
        'end',
        run.status,
        () => `Run ${run.status}: ${plainText(run.detail ?? '')} $${run.costUsd.toFixed(4)}`,
      );
  }

  #check(name: string, { last, known }: CheckSummary): void {
    this.#once(`check ${name}`, `${last.tree} ${last.runs} ${last.outcome}`, () => {
      const on = `on ${last.commit.slice(0, 9)}`;
      if (last.flaky) return `The check "${name}" is flaky: it failed ${on} and passed there when it was run again.`;
      const again = last.outcome !== 'passed' && last.runs === 1 ? '; it is run once more' : '';
      return `The check "${name}" ${outcomeText(last)} ${on}${again}.`;
    });
    this.#once(`known ${name}`, String(known), () =>
      known ? `The check "${name}" failed before too, so it does not decide.` : undefined,
    );
  }

  #once(key: string, value: string, line: () => string | undefined): void {
    if (this.#seen.get(key) === value) return;
    this.#seen.set(key, value);
    const text = line();
    if (text !== undefined) this.#print(text);
  }
}
