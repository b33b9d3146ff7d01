import * as z from 'zod';
import { runSettingsSchema } from '../core/model/settings.ts';

/** Settings that only the editor has. */
export const editorSettingsSchema = z.strictObject({
  /** Path or name of the CLI; empty for `claude` on PATH. */
  claudePath: z.string().default(''),
  /** Absolute path of the folder of all state; empty for the system's own. */
  stateFolder: z.string().default(''),
  desktopNotifications: z.boolean().default(true),
  approvePlan: z.enum(['ask', 'never']).default('ask'),
  applyResult: z.enum(['ask', 'whenValidated']).default('ask'),
});

/** Every setting of the manifest. */
export const settingsSchema = z.strictObject({ ...runSettingsSchema.shape, ...editorSettingsSchema.shape });

export type EditorSettings = z.infer<typeof editorSettingsSchema>;
