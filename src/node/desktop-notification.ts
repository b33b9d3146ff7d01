import { spawn } from 'node:child_process';

export interface DesktopNotification {
  readonly title: string;
  readonly body: string;
}

interface Sender {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Shows a notification of the desktop that this process runs on, with what every system of its kind has. Resolves with
 * whether that could be done: a machine without a desktop has nothing to show it with.
 */
export function notifyDesktop(
  notification: DesktopNotification,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const { command, args, env: more } = sender(notification, platform);
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...rest, ...more },
      stdio: 'ignore',
      windowsHide: true,
      timeout: 10_000,
    });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

/** The text never becomes a part of a script, an option or markup. */
function sender({ title, body }: DesktopNotification, platform: NodeJS.Platform): Sender {
  if (platform === 'darwin') {
    const script = 'display notification (item 2 of argv) with title (item 1 of argv)';
    return { command: 'osascript', args: ['-e', 'on run argv', '-e', script, '-e', 'end run', title, body] };
  }
  if (platform === 'win32') {
    return {
      command: 'powershell.exe',
      args: ['-NoProfile', '-NonInteractive', '-Command', BALLOON],
      env: { NOTIFICATION_TITLE: title, NOTIFICATION_BODY: body },
    };
  }
  const markup = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { command: 'notify-send', args: ['--app-name=Claude Orchestrator', '--', title, markup] };
}

const BALLOON = `Add-Type -AssemblyName System.Windows.Forms
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Visible = $true
$icon.ShowBalloonTip(10000, $env:NOTIFICATION_TITLE, $env:NOTIFICATION_BODY, 'Info')
Start-Sleep -Seconds 8
$icon.Dispose()`;
