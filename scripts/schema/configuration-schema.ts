import * as z from 'zod';
import { workspaceConfigurationSchema } from '../../src/core/model/workspace-configuration.ts';

/** JSON schema of `.claude-orchestrator/config.jsonc`, as text: what the editor completes and checks the file with. */
export function configurationSchema(): string {
  const schema = z.toJSONSchema(workspaceConfigurationSchema, { target: 'draft-7', io: 'input' });
  const more = { title: 'Claude Orchestrator', allowComments: true, allowTrailingCommas: true };
  return `${JSON.stringify({ ...schema, ...more }, null, 2)}\n`;
}
