import { ATTEMPT_MARKER } from '../model/attempt-files.ts';

/**
 * Names of the environment variables that a worker inherits; nothing else of the person's environment reaches it.
 * Settings can add names.
 */
export const INHERITED_ENVIRONMENT: readonly string[] = [
  // What any program needs.
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR'],
  ...[
    'SystemRoot',
    'SystemDrive',
    'ComSpec',
    'PATHEXT',
    'WINDIR',
    'USERPROFILE',
    'HOMEDRIVE',
    'HOMEPATH',
    'APPDATA',
    'LOCALAPPDATA',
    'PROGRAMDATA',
  ],
  // How the network is reached.
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  // The person's login to Claude.
  ...[
    'CLAUDE_CONFIG_DIR',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_BASE_URL',
  ],
  ...['CLAUDE_CODE_GIT_BASH_PATH'],
];

/** Names that the project's checks inherit: the login to Claude is none of their business. */
export function checkEnvironment(): readonly string[] {
  return INHERITED_ENVIRONMENT.filter((name) => !/^(CLAUDE|ANTHROPIC)_/.test(name));
}

/** What every worker is told besides. */
export function workerEnvironment(attempt: string): Record<string, string> {
  return {
    [ATTEMPT_MARKER]: attempt,
    // Few retries inside the CLI: the orchestrator decides for all workers at once.
    CLAUDE_CODE_MAX_RETRIES: '2',
    CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    // Workers are told not to commit. The state of git in a prompt costs commands and tokens, and no two prompts begin alike.
    CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  };
}
