import { describe, expect, it } from 'vitest';
import { decodeMessage, pollingDelayMs } from '../../../local/host/queue-message.ts';

describe('decodeMessage', () => {
  it.each([
    ['aGVsbG8=', 'base64', 'hello'],
    ['w6k=', 'base64', 'é'],
    ['', 'base64', ''],
    ['hello', 'none', 'hello'],
    ['hello', 'base64', undefined],
    ['{"a":1}', 'base64', undefined],
    ['aGVsbG8', 'base64', undefined],
  ] as const)('reads "%s" by %s as %j', (text, encoding, expected) => {
    expect(decodeMessage(text, encoding)).toBe(expected);
  });
});

describe('pollingDelayMs', () => {
  it('doubles from 100 ms with each empty answer, up to the longest delay', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 5_000].map((answers) => pollingDelayMs(answers, 2_000))).toEqual([
      100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000,
    ]);
  });
});
