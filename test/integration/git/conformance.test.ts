import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeRepository } from '../../conformance/repository.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describeRepository('real', async () => {
  const scratch = await scratchRepository();
  const repository = await scratch.open();
  let written = 0;
  return {
    repository,
    base: await scratch.git('rev-parse', 'HEAD'),
    settle: (promise) => promise,
    worktree: (name, commit) => repository.openWorktree(name, commit, NEVER),
    async write(worktree, name) {
      written += 1;
      await writeFile(join(worktree, `${name}.js`), `export const ${name} = ${written};\n`);
    },
  };
});
