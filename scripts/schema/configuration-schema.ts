import * as z from 'zod';
import { workspaceConfigurationSchema } from '../../src/core/model/workspace-configuration.ts';

/** JSON schema of `.claude-orchestrator/config.jsonc`, as text: what the editor completes and checks the file with. */
export function configurationSchema(): string {
  const schema = z.toJSONSchema(workspaceConfigurationSchema, { target: 'draft-7', io: 'input' });
  const more = { title: 'Claude Orchestrator', allowComments: true, allowTrailingCommas: true };
  return `${onOneLine(JSON.stringify({ ...schema, ...more }, null, 2))}\n`;
}

/** Lists of few names stand on one line, as the formatter of this repository wants them. */
function onOneLine(json: string): string {
  return json.replace(/\[\n\s+("[^"]*"(?:,\n\s+"[^"]*")*)\n\s+\]/g, (whole, items: string) => {
    const short = `[${items.replace(/,\n\s+/g, ', ')}]`;
    return short.length < 80 ? short : whole;
  });
}
