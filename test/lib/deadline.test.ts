import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../src/lib/deadline.ts';

describe('a deadline', () => {
  it('aborts when its time is over, with a TimeoutError', async () => {
    const { signal } = deadlineIn(1);
    if (!signal.aborted) await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('has already aborted when its signal is first read after the end', () => {
    const deadline = deadlineIn(0);
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(deadline.remainingMs()).toBe(0);
  });

  it('has one signal, however often it is read', () => {
    const deadline = deadlineIn(60_000);
    expect(deadline.signal).toBe(deadline.signal);
    expect(deadline.remainingMs()).toBeGreaterThan(59_000);
  });
});
