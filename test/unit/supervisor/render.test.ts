import { describe, expect, it } from 'vitest';
import { renderExit, renderLine, renderTitle } from '../../../src/node/supervisor/render.ts';

/** Renames the window, clears the screen, makes a link, answers for the person, turns the direction of writing. */
const ATTACK = 'a\u001b]0;pwned\u0007b\u001b[2Jc\u001b]8;;https://e.invalid\u0007d\u009b6ne\r\u202ef';

/** Our own colours are all that may steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const steering = (text: string): string[] => text.replace(/\u001b\[(0|1|2|31|32)m/g, '').match(/[^\t\n -~…›]/g) ?? [];

describe('what the terminal of a worker shows', () => {
  it.each([
    ['what it says', { content: [{ type: 'text', text: ATTACK }] }],
    ['a command', { content: [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: ATTACK } }] }],
    ['the name of a tool', { content: [{ type: 'tool_use', id: 't', name: ATTACK, input: {} }] }],
  ])('is text: %s', (_, message) => {
    const shown = renderLine(JSON.stringify({ type: 'assistant', message: { role: 'assistant', ...message } }));
    expect(shown).not.toBe('');
    expect(steering(shown)).toEqual([]);
  });

  it('is text: its title and its end', () => {
    const spec = { title: ATTACK, cwd: ATTACK } as Parameters<typeof renderTitle>[0];
    expect(steering(renderTitle(spec))).toEqual([]);
    const exit = { code: 1, message: ATTACK, startedAt: 0, endedAt: 1 } as Parameters<typeof renderExit>[0];
    expect(steering(renderExit(exit))).toEqual([]);
  });
});
