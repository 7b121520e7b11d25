import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../../local/host/core-types.ts';
import { createHostLog, describeError } from '../../../local/host/host-log.ts';

function lineOf(level: LogLevel, message: string, colors = false): string | undefined {
  const lines: string[] = [];
  const now = () => new Date('2026-11-21T11:46:41.123Z');
  createHostLog({ print: (line) => lines.push(line), colors, now }).write(level, message);
  return lines[0];
}

describe('a line of the log', () => {
  it.each([
    ['information', '[2026-11-21T11:46:41.123Z] hello'],
    ['warning', '[2026-11-21T11:46:41.123Z] warn: hello'],
    ['error', '[2026-11-21T11:46:41.123Z] error: hello'],
    ['critical', '[2026-11-21T11:46:41.123Z] critical: hello'],
    ['debug', undefined],
    ['trace', undefined],
  ] as const)('of level %s without colours is %s', (level, expected) => {
    expect(lineOf(level, 'hello')).toBe(expected);
  });

  it('shows its level by colour alone where there are colours', () => {
    expect(lineOf('error', 'hello', true)).toContain('\u001b[31mhello\u001b[39m');
    expect(lineOf('error', 'hello', true)).not.toContain('error:');
  });

  it('is one line whatever the message holds', () => {
    expect(lineOf('information', 'a\r\nb\nc\n')).toBe('[2026-11-21T11:46:41.123Z] a\\nb\\nc');
  });
});

describe('describeError', () => {
  it('tells an error and its causes, each message once', () => {
    const root = new TypeError('root');
    const error = new Error('top', { cause: new Error('top', { cause: root }) });
    expect(describeError(error)).toBe('Error: top, caused by TypeError: root');
  });

  it('tells a thrown value that is no error', () => {
    expect(describeError('just text')).toBe('just text');
  });

  it('ends where causes go in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error)).toBe('Error: round');
  });
});
