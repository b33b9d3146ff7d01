import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { COMMANDS, commandId } from '../../../src/vscode/commands.ts';
import { settingsSchema } from '../../../src/vscode/settings-schema.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const property = z.looseObject({ default: z.unknown(), enum: z.array(z.string()).optional(), scope: z.string() });
const manifest = z
  .object({
    icon: z.string(),
    capabilities: z.object({ untrustedWorkspaces: z.object({ restrictedConfigurations: z.array(z.string()) }) }),
    contributes: z.object({
      commands: z.array(z.object({ command: z.string() })),
      menus: z.record(z.string(), z.array(z.object({ command: z.string() }))),
      viewsContainers: z.object({ activitybar: z.array(z.object({ icon: z.string() })) }),
      configuration: z.array(z.object({ properties: z.record(z.string(), property) })),
    }),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const properties = Object.assign({}, ...manifest.contributes.configuration.map((group) => group.properties)) as Record<
  string,
  z.infer<typeof property>
>;
const ids = COMMANDS.map((name) => commandId(name));

describe('the manifest', () => {
  it('has exactly the commands that are registered, and menus only for those', () => {
    expect(manifest.contributes.commands.map(({ command }) => command).toSorted()).toEqual(ids.toSorted());
    for (const items of Object.values(manifest.contributes.menus))
      for (const { command } of items) expect(ids).toContain(command);
  });

  it('has exactly the settings that are read, with their defaults', () => {
    const wanted = Object.entries(settingsSchema.parse({})).map(([name, value]) => [
      `claudeOrchestrator.${name}`,
      value,
    ]);
    const declared = Object.entries(properties).map(([name, value]) => [name, value.default]);
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(wanted));
  });

  it('offers the values that settings can have', () => {
    for (const name of ['approvePlan', 'applyResult'] as const)
      for (const value of properties[`claudeOrchestrator.${name}`]?.enum ?? [])
        expect(settingsSchema.safeParse({ [name]: value }).success).toBe(true);
  });

  it('takes no setting from a folder that is not trusted', () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    expect(restricted.toSorted()).toEqual(Object.keys(properties).toSorted());
  });

  it('lets no repository decide, not even a trusted one, what costs money, leaves the machine or asks nobody', () => {
    for (const name of ['approvePlan', 'applyResult', 'maxCostUsd', 'maxTokens', 'settingSources', 'environment'])
      expect(properties[`claudeOrchestrator.${name}`]?.scope).toBe('application');
    // Where things are differs from machine to machine.
    for (const name of ['claudePath', 'stateFolder'])
      expect(properties[`claudeOrchestrator.${name}`]?.scope).toBe('machine');
  });

  it('names icons that exist', () => {
    const [container] = manifest.contributes.viewsContainers.activitybar;
    for (const icon of [manifest.icon, container?.icon ?? ''])
      expect(readFileSync(join(root, icon)).length).toBeGreaterThan(0);
  });
});
