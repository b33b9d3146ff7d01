import { runSettingsSchema } from '../core/model/settings.ts';
import { workspaceConfigurationSchema } from '../core/model/workspace-configuration.ts';

/** A configuration file that changes nothing yet: every setting with its description and default, commented out. */
export function configurationTemplate(): string {
  const defaults: Readonly<Record<string, unknown>> = runSettingsSchema.parse({});
  const settings = Object.entries(workspaceConfigurationSchema.shape).filter(([name]) => name !== '$schema');
  return [
    '// Settings of Claude Orchestrator for everybody who works on this repository.',
    "// What a person has set in VS Code, or said on the command line, wins; this file wins over the product's defaults.",
    '{',
    ...settings.map(
      ([name, { description = '' }]) => `  // ${description}\n  // "${name}": ${JSON.stringify(defaults[name])},\n`,
    ),
    '}\n',
  ].join('\n');
}
