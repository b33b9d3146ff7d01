import type { Page } from 'playwright-core';

/** What an editor is opened with. Everything in it is decided by the caller; nothing is taken from this process. */
export interface OpenOptions {
  /** Absolute path of the folder, or of the `.code-workspace` file, to open; undefined for an empty window. */
  readonly folder: string | undefined;
  /**
   * Absolute path of the extension under development (the folder with its package.json); undefined for those alone that
   * are installed in the folder `extensions` of `dataDir`.
   */
  readonly extensionPath: string | undefined;
  /** Absolute path of a CommonJS module that exports `run(): Promise<void>`; it is run inside the extension host. */
  readonly suite?: string;
  /** The complete environment of the editor and of everything it starts: see `editorEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** The person's settings.json, on top of `quietSettings`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absolute path of a folder for all data of the editor. Opening it again finds the same state. */
  readonly dataDir: string;
  /** 'disabled' (the default) trusts every folder; 'ask' is VS Code's own Workspace Trust. */
  readonly trust?: 'disabled' | 'ask';
  /** One line of progress or output of the editor, without a line end. */
  readonly onLog: (line: string) => void;
}

/** One process of the editor's own tree. */
export interface EditorProcess {
  readonly pid: number;
  readonly parent: number;
  /** The whole command line, as the system shows it. */
  readonly command: string;
  readonly role: 'server' | 'extensionHost' | 'ptyHost' | 'other';
}

/** What only the server build can do: its window is a page, its parts are processes that can fail one by one. */
export interface ServerControl {
  /** The open window. Another object after `openWindow`; an error when the window is closed. */
  page(): Page;
  reload(): Promise<void>;
  /** Closes the window only: server, terminals and extension host (for its grace time) stay. */
  closeWindow(): Promise<void>;
  /** Opens the window (again) on the same folder and browser profile, ready for use. */
  openWindow(): Promise<Page>;
  /** Kills every extension host with SIGKILL, as a crash would; returns how many there were. */
  killExtensionHosts(): Promise<number>;
  /** Kills server, extension hosts and terminals' host with SIGKILL. What was started detached survives. */
  killServer(): Promise<void>;
  /** Starts the server again with the same data, port and token. The window has to be reloaded or opened again. */
  restartServer(): Promise<void>;
  /** The server's process and everything below it. */
  processes(): Promise<EditorProcess[]>;
  /** Saves what the window shows as a PNG. */
  screenshot(path: string): Promise<void>;
}

/** An open editor. */
export interface EditorSession {
  /** For a person's browser: with the connection token, without the suite. Undefined for a desktop window. */
  readonly url: string | undefined;
  /** Undefined for a desktop window. */
  readonly server: ServerControl | undefined;
  /**
   * The exit code of the suite (0: `run` was fulfilled). Rejects when the editor ends or is closed before it.
   * Without a suite: settles only when the editor ends.
   */
  readonly suiteExit: Promise<number>;
  /** Ends the editor and all of its processes. Data stays. Calling it again changes nothing. */
  close(): Promise<void>;
}

/** One way to have a real VS Code. Suites and tests know only this. */
export interface EditorDriver {
  readonly kind: 'server' | 'desktop';
  /**
   * Sets up what is missing (once, in the cache folder), starts the editor and resolves when its window is there.
   * Aborting ends what was started and rejects.
   */
  open(options: OpenOptions, signal?: AbortSignal): Promise<EditorSession>;
}
