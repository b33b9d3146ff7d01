import { describe, expect, it } from 'vitest';
import { Detached } from '../../../src/core/context.ts';
import { explain, OrchestratorError } from '../../../src/core/model/error.ts';

describe('the classes that two bundles have a copy of', () => {
  it('know those of the other bundle, and nothing else', async () => {
    // As the editor's two bundles: the same module, evaluated twice.
    const copies = ['../../../src/core/model/error.ts?copy', '../../../src/core/context.ts?copy'];
    const [errors, contexts] = (await Promise.all(copies.map((path) => import(/* @vite-ignore */ path)))) as [
      typeof import('../../../src/core/model/error.ts'),
      typeof import('../../../src/core/context.ts'),
    ];
    expect(errors.OrchestratorError).not.toBe(OrchestratorError);
    const error = new errors.OrchestratorError('wrong-use', 'No.', { fix: 'Do.' });
    expect(error instanceof OrchestratorError).toBe(true);
    expect(explain(error)).toBe('No. Do.');
    expect(new contexts.Detached() instanceof Detached).toBe(true);
    for (const other of [new Error('x'), undefined, null, 'wrong-use', { code: 'wrong-use' }]) {
      expect(other instanceof OrchestratorError).toBe(false);
      expect(other instanceof Detached).toBe(false);
    }
    expect(new Detached() instanceof OrchestratorError).toBe(false);
  });
});
