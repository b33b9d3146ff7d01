import type { Target } from '../parse-argument.ts';

/** One line of the Runs view as data; `view.ts` turns it into what VS Code draws. It is a command's target too. */
export interface TreeNode extends Target {
  /** Stays the same while the line is about the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
  /** Name and value of what is worth knowing; plain text. */
  readonly tooltip: readonly (readonly [string, string])[];
  /** What can be done with it: the manifest's menus ask for these words. */
  readonly flags: readonly string[];
  readonly children: readonly TreeNode[];
  readonly expanded: boolean;
}

export interface Icon {
  /** Name of a codicon. */
  readonly name: string;
  /** Name of a theme colour. */
  readonly color?: string;
}

const GREEN = 'testing.iconPassed';
const RED = 'testing.iconFailed';
const YELLOW = 'notificationsWarningIcon.foreground';

export const ICONS = {
  waiting: { name: 'circle-outline' },
  running: { name: 'loading~spin' },
  checking: { name: 'checklist' },
  merging: { name: 'git-merge' },
  passed: { name: 'pass-filled', color: GREEN },
  failed: { name: 'error', color: RED },
  rejected: { name: 'warning', color: YELLOW },
  skipped: { name: 'debug-step-over' },
  blocked: { name: 'circle-slash' },
  cancelled: { name: 'circle-slash' },
  asks: { name: 'bell-dot', color: YELLOW },
  paused: { name: 'debug-pause', color: YELLOW },
  interrupted: { name: 'debug-disconnect', color: YELLOW },
  pinned: { name: 'pinned' },
  planned: { name: 'list-tree' },
  checkpoint: { name: 'milestone' },
  restored: { name: 'history' },
} as const satisfies Record<string, Icon>;
