import { describe, expect, it } from 'vitest';
import { doctorDocument } from '../../../src/vscode/doctor-document.ts';

describe('what doctor shows', () => {
  it('counts what needs a look and says what to do', () => {
    const text = doctorDocument([
      { check: 'git', status: 'ok', detail: 'git version 2.50' },
      { check: 'login', status: 'problem', detail: 'nobody is logged in', fix: 'Run "claude" once.' },
    ]);
    expect(text).toContain('1 of 2 need a look.');
    expect(text).toContain('| ❌ | **login** | nobody is logged in | Run \\"claude\\" once\\. |');
  });

  it('lets no path or branch become markup', () => {
    const text = doctorDocument([{ check: 'repository', status: 'ok', detail: '/a|b/<img src=x>[x](command:y)' }]);
    expect(text).not.toMatch(/[^\\]<img|[^\\]\]\(|[^\\| ]\|b/);
  });
});
