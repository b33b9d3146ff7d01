import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { claudeExecutable, ended, jobPlace, parseRun, subtask } from '../main-job/job-place.ts';

const questionsSchema = z.array(
  z.strictObject({
    run: z.string(),
    question: z.string(),
    request: z.string(),
    subtask: z.string().nullable(),
    asked: z.string(),
  }),
);

const SCRIPT = "require('node:fs').writeFileSync('a.js', 'export const a = 1;')";
const COMMAND = `node -e "${SCRIPT}" sk-ant-api03-${'x'.repeat(80)} ${'and more '.repeat(100)}`;
const asksFor = {
  name: 'asks',
  when: { role: 'worker' as const, subtask: 'a' },
  answer: [{ bash: COMMAND }, 'Done.'],
};

/** A run that nobody can be asked in, and what other processes see and say of it. */
async function waiting() {
  const place = await jobPlace([asksFor]);
  const plan = place.writePlan(subtask('a'));
  const args = ['run', '--wait-for-answers', '--json', '--claude', claudeExecutable, '--plan', plan];
  const result = ended(place.start(args));
  const questions = async () => questionsSchema.parse(JSON.parse((await place.command('questions', '--json')).stdout));
  const asked = (name: string) =>
    vi.waitFor(
      async () => {
        const found = (await questions()).find(({ question }) => question === name);
        if (!found) throw new Error(`${name} is not asked.`);
        return found;
      },
      { timeout: 60_000, interval: 200 },
    );
  return { place, result, questions, asked };
}

describe('what a run asks', { timeout: 120_000 }, () => {
  it('is listed whole and answered from another terminal', async () => {
    const { place, result, questions, asked } = await waiting();
    const { run, asked: plan } = await asked('plan');
    expect(plan).toContain('a: Do a');
    expect(plan).toContain('Spending cap: ');
    expect((await place.command('status')).stdout).toContain(
      `It asks you something: claude-orchestrator questions ${run}`,
    );
    expect((await place.command('answer', run, 'plan', 'allow')).stderr).toBe('Done: allow.\n');

    const worker = await asked('1');
    expect(worker).toMatchObject({ run, subtask: 'a' });
    expect(worker.asked).toContain(SCRIPT);
    expect(worker.asked).toContain('and more '.repeat(100).trim());
    expect(worker.asked).not.toContain('sk-ant-api03');
    const allowed = await place.command('answer', run, '1', 'allow', '--json');
    expect(JSON.parse(allowed.stdout)).toMatchObject({ outcome: 'accepted', driven: true });
    const again = await place.command('answer', run, worker.request, 'deny');
    expect(again).toMatchObject({ code: 1, stderr: 'Refused: It was answered before.\n' });

    const { code, status } = { code: (await result).code, status: parseRun(await result).status };
    // It is not applied, as nobody said so.
    expect({ code, status }).toEqual({ code: 1, status: 'completed' });
    expect(await questions()).toEqual([]);
    await place.noneLeft();
  });

  it('is denied: a plan ends its run', async () => {
    const { place, result, asked } = await waiting();
    const { run } = await asked('plan');
    expect((await place.command('answer', run, 'plan', 'deny')).code).toBe(0);
    expect(parseRun(await result)).toMatchObject({ status: 'cancelled' });
    expect(place.server.requests({ subtask: 'a' })).toEqual([]);
    expect((await place.command('answer', run, 'plan', 'allow')).code).toBe(1);
    await place.noneLeft();
  });
});
