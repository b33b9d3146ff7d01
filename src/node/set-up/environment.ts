/**
 * What a set-up command may see of the environment: what package managers need, and nothing that is a login. Logins to
 * package registries lie in files below HOME.
 */
const INHERITED: readonly string[] = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR'],
  ...['SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'WINDIR', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

/** The environment of a set-up command. */
export function setUpEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = INHERITED.flatMap((name) => (parent[name] === undefined ? [] : [[name, parent[name]] as const]));
  // Nobody is there to answer a question.
  return { ...Object.fromEntries(named), CI: '1', GIT_TERMINAL_PROMPT: '0' };
}
