import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WaitingLine } from '../../../src/cli/output/waiting-line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a command that prints nothing says on the terminal how long it waits, and leaves nothing of that', () => {
  const writes: string[] = [];
  const line = new WaitingLine({ write: (text) => writes.push(text) }, 1000);
  vi.advanceTimersByTime(999);
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(1001);
  line.end();
  vi.advanceTimersByTime(5000);
  line.end();
  expect(writes).toEqual([
    '\r\x1b[KWaiting for an answer: 1s',
    '\r\x1b[KWaiting for an answer: 2s',
    '\r\x1b[K',
  ]);
});
