import type { Slots } from '../../../src/core/ports/slots.ts';
import { openRepository } from '../../../src/node/git/repository.ts';

/** What its parent has it do with the slots: a step and its names. */
export type Call =
  | readonly ['list']
  | readonly ['make', name: string, base: string]
  | readonly ['hold', name: string]
  | readonly ['turnInto', former: string, name: string, base: string];
export type Answer = { readonly value: unknown } | { readonly failed: string };

/** Uses the slots of a repository as its parent says: `node slots-user.ts REPOSITORY WORKTREES`. */
const [root = '', worktreesDir = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const opening = openRepository(root, { worktreesDir, signal, environment: process.env });

process.on('message', (order: Call) => {
  opening
    .then(({ slots }) => obey(slots, order))
    .then(
      (value): Answer => ({ value }),
      (error: unknown): Answer => ({ failed: String(error) }),
    )
    .then((answer) => process.send?.(answer));
});

function obey(slots: Slots, order: Call): Promise<unknown> {
  switch (order[0]) {
    case 'list':
      return slots.list();
    case 'make':
      return slots.make(order[1], order[2], signal);
    case 'hold':
      return slots.hold(order[1]);
    case 'turnInto':
      return slots.turnInto(order[1], order[2], order[3], signal);
  }
}
