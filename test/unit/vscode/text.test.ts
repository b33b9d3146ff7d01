import { describe, expect, it } from 'vitest';
import { dollars, duration, label, markdown, notificationText, withoutIcons } from '../../../src/vscode/text.ts';

describe('data of a model', () => {
  it('is no link, command link or image in a notification', () => {
    expect(notificationText('see [here](command:workbench.action.quit)')).not.toContain('](');
  });

  it('is no markup, HTML, link or further cell in Markdown', () => {
    const text = markdown('<img src=x> [a](command:b) **c** | `d` https://e.test\n# f');
    expect(text).toBe(
      '\\<img src\\=x\\> \\[a\\]\\(command\\:b\\) \\*\\*c\\*\\* \\| \\`d\\` https\\:\\/\\/e\\.test \\# f',
    );
  });

  it('draws no icon and does not turn the direction of writing', () => {
    expect(withoutIcons('$(trash) delete')).toBe('$ (trash) delete');
    for (const character of ['\u202e', '\u0007']) expect(label(`a${character}b`)).not.toContain(character);
  });
});

describe('figures', () => {
  it('are short', () => {
    expect([0, 0.004, 0.125, 3].map(dollars)).toEqual(['', '$0.0040', '$0.13', '$3.00']);
    expect([900, 59_000, 60_000, 61_000, 7_260_000].map(duration)).toEqual([
      '1 s',
      '59 s',
      '1 min',
      '1 min 01 s',
      '2 h 01 min',
    ]);
  });
});
