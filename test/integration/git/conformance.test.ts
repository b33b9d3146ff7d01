import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ATTEMPT_MARKER } from '../../../src/core/model/attempt-files.ts';
import { openRepository } from '../../../src/node/git/repository.ts';
import { describeRepository } from '../../conformance/repository.ts';
import { describeSlots, type SlotsPlace } from '../../conformance/slots.ts';
import { otherOwner } from './other-owner.ts';
import { startWith } from './process-in-folder.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

async function repositoryPlace(): Promise<SlotsPlace> {
  const scratch = await scratchRepository();
  const { root, worktreesDir, environment, git } = scratch;
  const repository = await openRepository(root, { worktreesDir, signal: NEVER, environment });
  let written = 0;
  return {
    repository,
    slots: repository.slots,
    base: await git('rev-parse', 'HEAD'),
    settle: (promise) => promise,
    worktree: (name, commit) => repository.slots.make(name, commit, NEVER),
    async write(worktree, name) {
      written += 1;
      await writeFile(join(worktree, `${name}.js`), `export const ${name} = ${written};\n`);
    },
    async kept(prefix) {
      const listed = await git('for-each-ref', '--format=%(objectname)', `${prefix}/**`);
      return listed.split('\n').filter(Boolean);
    },
    another: () => otherOwner(scratch),
    work: (name, where) =>
      where === 'in it' ? startWith(join(worktreesDir, name), {}) : startWith(root, { [ATTEMPT_MARKER]: name }),
  };
}

describeRepository('real', repositoryPlace);
describeSlots('real', repositoryPlace);
