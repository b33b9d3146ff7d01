import assert from 'node:assert/strict';

/** Not a test of the product: what `runSuite` has to report when tests fail and hosts die. */
describe('mishaps', () => {
  it('passes', () => undefined);

  it('is skipped');

  it('fails', () => {
    assert.equal('what came', 'what was wanted');
  });

  it('kills its extension host', async () => {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  });
});
