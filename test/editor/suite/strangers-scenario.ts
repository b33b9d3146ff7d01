import { defineScenario } from '../../model-server/scenario.ts';
import type { Scenario } from '../../model-server/schema.ts';

/** Whatever loads, links to or runs something in an attack has this word in it. */
export const MARK = 'pwned';

/** HTML, Markdown, a command link, a codicon, an escape sequence, a direction of writing; `where` says where it stood. */
export const evil = (where: string): string =>
  [
    where,
    `<img src="https://${MARK}.invalid/${where}.png" onerror="window.${MARK}=1">`,
    `[go](command:workbench.action.closeWindow?%22${MARK}%22)`,
    `![](https://${MARK}.invalid/${where})`,
    `<a href="command:workbench.action.closeWindow?${MARK}">x</a>`,
    '$(trash)',
    `\u001b]0;${MARK}-title\u0007\u001b[2J\u001b]8;;https://${MARK}.invalid\u0007link\u001b]8;;\u0007`,
    '\u202egnorts',
  ].join(' ');

/** What a text field or the CLI takes: no escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
export const printable = (text: string): string => text.replace(/[\u0000-\u001f]/g, '');

export const EVIL_FILE = `<img src=${MARK}>.js`;

/** A plan, a question, findings, a summary and a failure that all attack whoever shows them. */
export function strangersScenario(): Scenario {
  return defineScenario({
    rules: [
      {
        name: 'an evil plan',
        when: { role: 'planner' },
        answer: {
          text: evil('planner'),
          structured: {
            version: 1,
            title: evil('plan').slice(0, 190),
            subtasks: [
              {
                id: 'evil',
                title: evil('title').slice(0, 190),
                instructions: evil('instructions'),
                dependsOn: [],
                scope: ['*.js'],
                produces: [EVIL_FILE],
              },
            ],
          },
        },
      },
      {
        name: 'an evil worker',
        when: { subtask: 'evil' },
        answer: [
          { text: evil('speech'), bash: `sh -c 'echo hi' # ${printable(evil('command'))}` },
          { write: { [EVIL_FILE]: `const \`${evil('content')}\n` } },
          evil('summary'),
        ],
      },
    ],
  });
}
