import { describe, expect, it } from 'vitest';
import { subtaskSpec } from '../../../src/core/attempt/spec.ts';
import { attemptSpecSchema } from '../../../src/core/model/attempt-files.ts';
import { runSettingsSchema } from '../../../src/core/model/settings.ts';
import { subtask } from '../recorded-run.ts';

const spec = (settings: object = {}, instructions = 'Do it.') =>
  subtaskSpec(
    {
      attempt: 'api-1',
      number: 1,
      claude: '/bin/claude',
      cwd: '/worktrees/api-1',
      settings: runSettingsSchema.parse(settings),
      budget: { usd: 1.23456, tokens: 1000, ms: 60_000 },
    },
    { ...subtask('api'), instructions },
  );

describe('the spec of a worker', () => {
  it('asks for permissions, is strict about servers and settings, and never bypasses', () => {
    const { args } = spec();
    expect(args.join(' ')).toContain('--permission-prompt-tool stdio --strict-mcp-config --setting-sources user');
    expect(args.join(' ')).toContain('--permission-mode acceptEdits --tools Read,Glob,Grep');
    expect(args.join(' ')).not.toMatch(/bypass|dangerously/i);
    expect(args[args.indexOf('--max-budget-usd') + 1]).toBe('1.2346');
  });

  it('gives the prompt by stdin and never as an argument', () => {
    const made = spec({}, `secret ${'x'.repeat(90_000)}`);
    expect(made.prompt).toContain('secret');
    expect(made.args.join(' ')).not.toContain('secret');
    expect(Math.max(...made.args.map((arg) => arg.length))).toBeLessThan(10_000);
  });

  it('names variables, without their values', () => {
    const made = spec({ environment: ['MY_PROXY'] });
    expect(made.environmentNames).toContain('ANTHROPIC_API_KEY');
    expect(made.environmentNames).toContain('MY_PROXY');
    expect(made.environmentNames).not.toContain('ELECTRON_RUN_AS_NODE');
    expect(made.environment['ANTHROPIC_API_KEY']).toBeUndefined();
    expect(made.environment['CLAUDE_ORCHESTRATOR_ATTEMPT']).toBe('api-1');
  });

  it('is one that a supervisor understands, and names a model only when one is set', () => {
    expect(attemptSpecSchema.parse(spec())).toEqual(spec());
    expect(spec().args).not.toContain('--model');
    expect(spec({ model: 'opus' }).args).toContain('--model');
  });
});
