import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../simulation/stream.ts';
import { type Started, type Workplace, withClaude, workplace } from '../resume/workplace.ts';
import { killAt, MOMENTS } from './moments.ts';
import { openIntents } from './open-intents.ts';
import { remainsOf } from './remains.ts';
import { CHECK_COMMAND, PLAN, SUBTASKS, twelveFiles } from './twelve-subtasks.ts';

/** How many kills in all, and the seed of their moments; both can be given to try more. */
const KILLS = Number(process.env['CRASH_KILLS'] ?? 30);
const SEED = Number(process.env['CRASH_SEED'] ?? 1);

const FILES = { 'README.md': '# Twelve files\n', 'package.json': '{ "type": "module" }\n' };

/** Starts what goes on with the run now: the run itself, its resume, or applying its result. */
function goOn(place: Workplace): Started {
  const state = place.state();
  if (state === undefined) {
    const plan = join(place.home, 'plan.json');
    writeFileSync(plan, JSON.stringify(PLAN));
    const options = ['--concurrency', '4', '--check-command', CHECK_COMMAND];
    return place.start('run', '--plan', plan, '--yes', ...options, ...withClaude);
  }
  if (state.endedAt === undefined) return place.start('resume', '--yes', ...withClaude);
  return place.start('apply', state.id);
}

/** What a run came to, in words that are the same for every run of the plan. */
async function outcomeOf(place: Workplace) {
  const state = place.state();
  const events = place.events();
  const git = async (...args: string[]): Promise<string> => (await place.git(...args)).trim();
  return {
    status: state?.status,
    tree: await git('rev-parse', 'HEAD^{tree}'),
    commits: await git('rev-list', '--count', 'HEAD'),
    applied: state?.applied?.files.map(({ path }) => path).sort(),
    merged: [...(state?.integrationOrder ?? [])].sort(),
    merges: events.filter((event) => event === 'integration.merged').length,
    /** What each subtask's worker asked the model, and in how many sessions. */
    work: SUBTASKS.map((subtask) => {
      const asked = place.server.requests({ role: 'worker', subtask });
      const sessions = new Set(place.server.sessions({ role: 'worker', subtask })).size;
      return { subtask, sessions, asked: asked.map(({ turn, userTurn }) => `${userTurn}.${turn}`) };
    }),
    remains: await remainsOf(place),
  };
}

async function undisturbed() {
  const place = await workplace(twelveFiles(SEED), FILES);
  const whole = goOn(place);
  expect(await whole.ended, whole.output()).toBe(0);
  return outcomeOf(place);
}

describe('a run of twelve subtasks', () => {
  it(`comes to the same as an undisturbed one after ${KILLS} kills of its orchestrator`, async () => {
    const expected = await undisturbed();
    expect(expected).toMatchObject({ status: 'completed', merged: SUBTASKS, merges: SUBTASKS.length });

    const random = new Stream(SEED);
    const kills: string[] = [];
    const interrupted = new Map<string, number>();
    let moments = [...MOMENTS];
    while (kills.length < KILLS) {
      const place = await workplace(twelveFiles(SEED), FILES);
      for (let owner = goOn(place); ; owner = goOn(place)) {
        if (moments.length === 0) moments = [...MOMENTS];
        const moment = moments.splice(random.int(0, moments.length - 1), 1)[0] ?? 'at any time';
        const wasKilled = kills.length < KILLS && (await killAt(moment, owner, place, random));
        if (!wasKilled) {
          expect(await owner.ended, `${kills.join('\n')}\n${owner.output()}`).toBe(0);
          break;
        }
        kills.push(`${kills.length + 1}. ${moment}: ${place.events().length} events`);
        for (const intent of openIntents(place)) interrupted.set(intent, (interrupted.get(intent) ?? 0) + 1);
      }
      expect(await outcomeOf(place), kills.join('\n')).toEqual(expected);
      place.server.assertNoUnmatched();
    }
    // Otherwise the kills above prove little.
    for (const intent of ['launch', 'integration']) expect([...interrupted.keys()], kills.join('\n')).toContain(intent);
    if (process.env['CRASH_KILLS']) process.stdout.write(`${kills.join('\n')}\n${JSON.stringify([...interrupted])}\n`);
  }, 600_000);
});
