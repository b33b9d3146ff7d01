import { runSettingsSchema } from '../core/model/settings.ts';
import { checkup } from '../node/doctor/checkup.ts';
import { findRepository } from '../node/git/locate.ts';
import { stateHome } from '../node/state/paths.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';
import { settingsOf } from './settings-options.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

export const doctorCommand: Command = {
  summary: 'look at everything a run needs, and say how to fix what is missing',
  help: `Usage: claude-orchestrator doctor [--claude PATH] [--json]

Looks at git, the repository, worktrees, the Claude Code CLI and its login, the state folder and the disk.

Exit code: 0 no problem, 1 a problem, 2 wrong use.`,
  async run(args, { terminal, cwd, env, signal }) {
    const { values, positionals } = parse(args, { claude: { type: 'string' }, json: { type: 'boolean' } });
    if (positionals.length > 0) throw wrongUse(`doctor takes no "${positionals[0]}".`);
    const home = stateHome(env, env['CLAUDE_ORCHESTRATOR_STATE_HOME']);
    const diagnoses = await checkup(
      {
        folder: cwd,
        stateHome: home,
        claude: values.claude ?? '',
        env,
        diskQuotaGb: await quotaOf(cwd, env, signal),
      },
      signal,
    );
    if (values.json) terminal.out(JSON.stringify({ checks: diagnoses }));
    else {
      for (const { check, status, detail, fix } of diagnoses) {
        terminal.out(`${MARKS[status]} ${check}: ${detail}${fix ? `\n         → ${fix}` : ''}`);
      }
    }
    return diagnoses.some(({ status }) => status === 'problem') ? 1 : 0;
  },
};

/** As the repository's configuration says; the default where there is none, or none that can be read. */
async function quotaOf(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  const found = await findRepository(folder, { signal, environment: env }).catch(() => undefined);
  const settings = found && (await settingsOf(found.root).catch(() => undefined));
  return (settings ?? runSettingsSchema.parse({})).diskQuotaGb;
}
