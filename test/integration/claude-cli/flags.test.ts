import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineScenario } from '../../model-server/scenario.ts';
import { startModelServer } from '../../model-server/server.ts';
import { printFlags, startCli, temporaryPlace } from './cli-run.ts';

/** A project whose every configuration would be noticed. */
function project(root: string) {
  const cwd = join(root, 'work');
  const hooked = join(root, 'hook-ran');
  mkdirSync(join(cwd, '.claude'), { recursive: true });
  writeFileSync(join(cwd, 'CLAUDE.md'), 'Remember the project.\n');
  writeFileSync(join(root, 'CLAUDE.md'), 'Remember the folder above.\n');
  writeFileSync(join(cwd, '.mcp.json'), JSON.stringify({ mcpServers: { theirs: { command: 'false', args: [] } } }));
  writeFileSync(
    join(cwd, '.claude', 'settings.json'),
    JSON.stringify({
      env: { FROM_PROJECT: '1' },
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: `touch '${hooked}'` }] }] },
    }),
  );
  return { cwd, hooked };
}

describe('the flags the product relies on', { timeout: 30_000 }, () => {
  it('loads nothing of the project with no setting sources and only named MCP servers', async () => {
    using place = temporaryPlace();
    const { cwd, hooked } = project(place.root);
    await using server = await startModelServer(
      defineScenario({ rules: [{ name: 'environment', answer: [{ bash: 'env' }, 'Seen.'] }] }),
    );
    const args = ['-p', 'go', ...printFlags, '--allowedTools', 'Bash', '--setting-sources', '', '--strict-mcp-config'];
    await using run = startCli({ server, home: place.home, cwd, args });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(existsSync(hooked)).toBe(false);
    expect(server.requests()[0]?.body).not.toContain('Remember the');
    expect(server.requests()[1]?.toolResult).not.toContain('FROM_PROJECT');
    expect(run.frames.find((frame) => frame.subtype === 'init')).toMatchObject({ mcp_servers: [] });
  });

  it('offers exactly the tools named, and they work without ripgrep on the path', async () => {
    using place = temporaryPlace();
    const { cwd } = project(place.root);
    const look = [
      { name: 'Grep', input: { pattern: 'project\\.', output_mode: 'content' } },
      { name: 'Glob', input: { pattern: '*.md' } },
    ];
    await using server = await startModelServer(defineScenario({ rules: [{ name: 'look', answer: { tools: look } }] }));
    await using run = startCli({
      server,
      home: place.home,
      cwd,
      args: ['-p', 'go', ...printFlags, '--tools', 'Read,Glob,Grep', '--setting-sources', ''],
      extra: { PATH: '/usr/bin:/bin' },
    });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(run.frames.find((frame) => frame.subtype === 'init')?.tools?.toSorted()).toEqual(['Glob', 'Grep', 'Read']);
    expect(server.requests()[1]).toMatchObject({ lastToolError: false });
    expect(server.requests()[1]?.toolResult).toContain('CLAUDE.md:1:Remember the project.');
  });

  it('puts appended text in the system prompt and hands its environment on to commands', async () => {
    using place = temporaryPlace();
    const { cwd } = project(place.root);
    await using server = await startModelServer(
      defineScenario({ rules: [{ name: 'environment', answer: { bash: 'env' } }] }),
    );
    await using run = startCli({
      server,
      home: place.home,
      cwd,
      args: [
        '-p',
        'go',
        ...printFlags,
        '--allowedTools',
        'Bash',
        '--append-system-prompt',
        'Be brief.\n[claude-orchestrator role=worker subtask=api attempt=3]',
      ],
      extra: { CLAUDE_ORCHESTRATOR_ATTEMPT: 'api-3' },
    });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(server.requests()).toMatchObject([
      { role: 'worker', subtask: 'api', attempt: 3, cwd },
      { role: 'worker', subtask: 'api', attempt: 3, cwd },
    ]);
    expect(server.requests()[1]?.toolResult).toContain('CLAUDE_ORCHESTRATOR_ATTEMPT=api-3');
    expect(server.requests()[1]?.toolResult).toContain(`CLAUDE_PID=${run.pid}`);
  });

  it('asks one thing at a time and marks what a subagent asks', async () => {
    using place = temporaryPlace();
    const { cwd } = project(place.root);
    const input = { description: 'Look', prompt: 'Look around', subagent_type: 'general-purpose' };
    await using server = await startModelServer(
      defineScenario({
        rules: [
          { name: 'subagent', when: { subagent: true }, answer: 'Looked.' },
          { name: 'main', answer: [{ tools: [{ name: 'Agent', input }] }, 'Done.'] },
        ],
      }),
    );
    await using run = startCli({ server, home: place.home, cwd, args: ['-p', 'go', ...printFlags] });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(server.requests({ rule: 'subagent' })).toMatchObject([{ prompt: 'Look around', turn: 1 }]);
    expect(server.sessions()).toHaveLength(1);
    expect(server.otherRequests()).toEqual([]);
    server.assertNoUnmatched();
  });
});
