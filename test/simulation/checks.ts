import type { Checks } from '../../src/core/ports/checks.ts';
import type { Case } from './case.ts';
import type { SimulatedGit } from './repository.ts';
import type { Process, World } from './world.ts';

const MINUTE = 60_000;

interface CheckPlace {
  readonly world: World;
  readonly git: SimulatedGit;
  readonly given: Case;
}

/** The project's check as one process runs it: fails for good reasons, now and then for none, or can't be started. */
export function simulatedChecks({ world, git, given }: CheckPlace, process: Process): Checks {
  return {
    async run(check, folder, _owner, signal) {
      await world.takes(`run ${check.name} in ${folder}`, process, signal, [1_000, 5 * MINUTE]);
      await world.point('run-check/before', process);
      const held = git.worktrees.get(folder.replace('/worktrees/', ''))?.files;
      if (!held || !given.check) throw new Error(`There is nothing to check in ${folder}.`);
      const { hopeless, flakiness, trouble, writes } = given.check;
      const tree = git.treeOf(git.make(new Map(held), []));
      const durationMs = 1_000;
      if (world.random.chance(trouble)) return { outcome: 'not-started', exitCode: null, durationMs, output: 'ENOENT' };
      const isFirst = !git.checked.has(tree);
      git.checked.add(tree);
      const fails = hopeless || !git.passes(tree) || (isFirst && world.random.chance(flakiness));
      if (fails && writes) held.clear();
      if (world.random.chance(0.1) && fails) return { outcome: 'timed-out', exitCode: null, durationMs, output: '' };
      return { outcome: fails ? 'failed' : 'passed', exitCode: fails ? 1 : 0, durationMs, output: 'Said.' };
    },
  };
}
