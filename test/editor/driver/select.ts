import { desktopDriver, installedEditor } from './desktop-driver.ts';
import type { EditorDriver } from './driver.ts';
import { serverDriver } from './server-driver.ts';

/**
 * The driver that CLAUDE_ORCHESTRATOR_EDITOR names (`server` or `desktop`); without it the desktop where a VS Code is
 * installed and a display is there to show it, else the server. Throws for another name.
 */
export async function selectDriver(env: NodeJS.ProcessEnv = process.env): Promise<EditorDriver> {
  const wanted = env['CLAUDE_ORCHESTRATOR_EDITOR'];
  if (wanted === 'server') return serverDriver;
  if (wanted === 'desktop') return desktopDriver;
  if (wanted) throw new Error(`CLAUDE_ORCHESTRATOR_EDITOR is "${wanted}": it can be "server" or "desktop".`);
  const display = process.platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
  return display && (await installedEditor(env)) !== undefined ? desktopDriver : serverDriver;
}
