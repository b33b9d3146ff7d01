import { describe, expect, it } from 'vitest';
import { isAlive, isSameBoot, ownIdentity } from '../../../src/node/process/identity.ts';

describe('the identity of a process', () => {
  it('is that of a living one only with the same pid, start and boot', () => {
    const own = ownIdentity();
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, startTime: '1' })).toBe(false);
    expect(isAlive({ ...own, bootId: 'another' })).toBe(false);
  });

  it('of another machine, or container of the same boot, counts as alive', () => {
    expect(isAlive({ ...ownIdentity(), host: 'elsewhere', bootId: 'another' })).toBe(true);
    expect(isAlive({ ...ownIdentity(), host: 'elsewhere', startTime: '1' })).toBe(true);
  });

  it('stays the same where the clock drifts against the uptime', () => {
    expect(isSameBoot('booted-100', 'booted-101')).toBe(true);
    expect(isSameBoot('booted-100', 'booted-102')).toBe(false);
    expect(isSameBoot('a', 'b')).toBe(false);
  });
});
