// Run by isolation.test.ts in a process of its own, whose environment is poisoned.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario } from '../../model-server/scenario.ts';
import { startModelServer } from '../../model-server/server.ts';
import { printFlags, startCli, temporaryPlace } from './cli-run.ts';

using place = temporaryPlace();
const cwd = join(place.root, 'work');
mkdirSync(cwd);
await using server = await startModelServer(
  defineScenario({ rules: [{ name: 'environment', answer: [{ bash: 'env' }, 'Seen.'] }] }),
);
await using run = startCli({
  server,
  home: place.home,
  cwd,
  args: ['-p', 'go', ...printFlags, '--allowedTools', 'Bash'],
  extra: process.argv[2] === undefined ? {} : { CLAUDE_CONFIG_DIR: process.argv[2] },
});
await run.exit;
process.stdout.write(JSON.stringify({ frames: run.frames, requests: server.requests() }));
