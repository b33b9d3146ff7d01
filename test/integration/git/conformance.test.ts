import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRepository } from '../../../src/node/git/repository.ts';
import { describeRepository } from '../../conformance/repository.ts';
import { describeSlots, type SlotsPlace } from '../../conformance/slots.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

async function repositoryPlace(): Promise<SlotsPlace> {
  const { root, worktreesDir, environment, git } = await scratchRepository();
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
  };
}

describeRepository('real', repositoryPlace);
describeSlots('real', repositoryPlace);
