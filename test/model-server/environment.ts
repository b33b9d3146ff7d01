import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The key that test sessions present; the model server reports any other as foreign. */
export const testApiKey = 'dummy';

/** The pinned Claude CLI of this repository. */
export const claudeExecutable = fileURLToPath(
  new URL('../../node_modules/@anthropic-ai/claude-code/bin/claude.exe', import.meta.url),
);

/** Variables that programs need to start at all and that say nothing about the person. */
const passedThrough = ['PATH', 'SystemRoot', 'ComSpec', 'PATHEXT'] as const;

export interface ClaudeTestEnvironmentOptions {
  /** Of the scripted model server. */
  readonly modelUrl: string;
  /** A temporary folder, used as the home folder; it and the folders in it are made when they don't exist. */
  readonly home: string;
  /** Further variables, e.g. CLAUDE_CODE_MAX_RETRIES; they win over the others. */
  readonly extra?: Readonly<Record<string, string>>;
}

/**
 * The whole environment for a real Claude CLI in a test or the demo, built from an allow-list: nothing of the
 * person's credentials and configuration reaches it. Hand it to `spawn` as it is, never merged with process.env. An
 * organisation's managed settings on the machine still apply: the CLI has no way to leave them out.
 */
export function claudeTestEnvironment(options: ClaudeTestEnvironmentOptions): Record<string, string> {
  const folders = {
    HOME: options.home,
    USERPROFILE: options.home,
    XDG_CONFIG_HOME: join(options.home, '.config'),
    XDG_STATE_HOME: join(options.home, '.local', 'state'),
    XDG_CACHE_HOME: join(options.home, '.cache'),
    TMPDIR: join(options.home, 'tmp'),
    CLAUDE_CONFIG_DIR: join(options.home, 'claude-config'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const inherited = passedThrough.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(inherited),
    ...folders,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    ANTHROPIC_BASE_URL: options.modelUrl,
    ANTHROPIC_API_KEY: testApiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ...options.extra,
  };
}
