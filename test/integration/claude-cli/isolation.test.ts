import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryPlace } from './cli-run.ts';

const canary = 'leak-canary';
const probe = fileURLToPath(new URL('./isolation-probe.ts', import.meta.url));
const run = promisify(execFile);

const reportSchema = z.object({
  frames: z.array(z.looseObject({ type: z.string(), subtype: z.string().optional() })),
  requests: z.array(
    z.looseObject({
      credential: z.string(),
      body: z.string(),
      toolResult: z.string().optional(),
      model: z.string(),
      tools: z.array(z.string()),
    }),
  ),
});

/** A home folder of somebody whose every configuration would be noticed. */
function poisonedHome(root: string): { home: string; hooked: string } {
  const home = join(root, 'poisoned');
  const hooked = join(root, 'hook-ran');
  const config = join(home, '.claude');
  mkdirSync(config, { recursive: true });
  const servers = { mcpServers: { [canary]: { command: 'false', args: [] } } };
  writeFileSync(join(home, '.claude.json'), JSON.stringify(servers));
  writeFileSync(join(config, '.claude.json'), JSON.stringify(servers));
  writeFileSync(join(config, 'CLAUDE.md'), `Always say ${canary}.\n`);
  writeFileSync(
    join(config, 'settings.json'),
    JSON.stringify({
      model: `${canary}-model`,
      env: { LEAKED: canary },
      permissions: { deny: ['Write'] },
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: `touch '${hooked}'` }] }] },
    }),
  );
  return { home, hooked };
}

async function runProbe(root: string, elsewhere: string, args: readonly string[] = []) {
  const { home, hooked } = poisonedHome(root);
  const { stdout } = await run(process.execPath, [probe, ...args], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      USERPROFILE: home,
      TMPDIR: root,
      XDG_CONFIG_HOME: join(home, `.config-${canary}`),
      ANTHROPIC_API_KEY: canary,
      ANTHROPIC_AUTH_TOKEN: canary,
      ANTHROPIC_BASE_URL: elsewhere,
      ANTHROPIC_MODEL: `${canary}-model`,
      ANTHROPIC_CUSTOM_HEADERS: `x-canary: ${canary}`,
      CLAUDE_CODE_OAUTH_TOKEN: canary,
      HTTP_PROXY: elsewhere,
      HTTPS_PROXY: elsewhere,
      GITHUB_TOKEN: canary,
      CLAUDECODE: '1',
    },
  });
  return { output: stdout, hooked: existsSync(hooked), ...reportSchema.parse(JSON.parse(stdout)) };
}

describe('isolation of the CLI under test', { timeout: 60_000 }, () => {
  it('lets nothing of the environment and configuration of the machine reach the CLI', async () => {
    using place = temporaryPlace();
    const visitors: string[] = [];
    const elsewhere = createServer((request, response) => {
      visitors.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    const { output, hooked, frames, requests } = await runProbe(place.root, `http://127.0.0.1:${port}`);
    elsewhere.close();

    expect(output).not.toContain(canary);
    expect(output).not.toContain(join(place.root, 'poisoned'));
    expect(hooked).toBe(false);
    expect(visitors).toEqual([]);
    expect(requests).toHaveLength(2);
    expect(requests.map((request) => request.credential)).toEqual(['test', 'test']);
    expect(requests[0]?.tools).toEqual(expect.arrayContaining(['Bash', 'Edit', 'Read', 'Write']));
    expect(requests[0]?.tools.filter((tool) => tool.startsWith('mcp__'))).toEqual([]);
    expect(requests[1]?.toolResult).toContain('CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1');
    expect(frames.find((frame) => frame.subtype === 'init')).toMatchObject({
      mcp_servers: [],
      permissionMode: 'acceptEdits',
      apiKeySource: 'ANTHROPIC_API_KEY',
    });
  });

  it('would notice a leak: the same configuration shows when the CLI is pointed at it', async () => {
    using place = temporaryPlace();
    const config = join(place.root, 'poisoned', '.claude');
    const { hooked, frames, requests } = await runProbe(place.root, 'http://127.0.0.1:9', [config]);
    expect(hooked).toBe(true);
    expect(requests[0]?.body).toContain(`Always say ${canary}.`);
    expect(requests[0]?.model).toBe(`${canary}-model`);
    expect(requests[1]?.toolResult).toContain(`LEAKED=${canary}`);
    expect(JSON.stringify(frames.find((frame) => frame.subtype === 'init'))).toContain(canary);
  });
});
