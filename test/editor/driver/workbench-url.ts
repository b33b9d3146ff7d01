/** Which editor window a URL opens. */
interface Window {
  readonly port: number;
  readonly token: string;
  readonly folder: string | undefined;
  readonly extensionPath: string | undefined;
  readonly suite: string | undefined;
}

/** The URL of a window of the server build. It holds the connection token: show it to the person only. */
export function workbenchUrl(window: Window): string {
  const authority = `127.0.0.1:${window.port}`;
  const remote = (path: string) => `vscode-remote://${authority}${uriPath(path)}`;
  const payload: [string, string][] = [
    ...(window.extensionPath === undefined
      ? []
      : [['extensionDevelopmentPath', remote(window.extensionPath)] as [string, string]]),
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (window.suite !== undefined) payload.push(['extensionTestsPath', remote(window.suite)], ['enableProposedApi', '']);
  const url = new URL(`http://${authority}/`);
  url.searchParams.set('tkn', window.token);
  // An empty window has to be asked for: without it the last folder is opened again.
  if (window.folder === undefined) url.searchParams.set('ew', 'true');
  else url.searchParams.set(window.folder.endsWith('.code-workspace') ? 'workspace' : 'folder', uriPath(window.folder));
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** A path as it stands in a URI: on Windows `C:\x` becomes `/C:/x`. */
function uriPath(path: string): string {
  const slashes = path.replaceAll('\\', '/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}
