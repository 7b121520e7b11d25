import { describe, expect, it } from 'vitest';
import { errorResponse, RefusedRequestError, refuse, wholeSeconds } from '../../src/http/refusal.ts';
import { lineLog } from '../../src/lib/log.ts';

describe('an error response', () => {
  it('carries a code and a message, and no Retry-After unless a time is given', () => {
    const jsonBody = { error: { code: 'badParameter', message: 'wait: expected seconds' } };
    expect(errorResponse(400, 'badParameter', 'wait: expected seconds')).toEqual({ status: 400, jsonBody });
    expect(errorResponse(503, 'badParameter', 'wait: expected seconds', 5)).toEqual({
      status: 503,
      jsonBody,
      headers: { 'retry-after': '5' },
    });
  });
});

describe('a refused request', () => {
  it('is logged in one warning with its facts, and answered', () => {
    const lines: string[] = [];
    const keep = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
    const log = lineLog({ info: keep('info'), warn: keep('warn'), error: keep('error') });
    const error = new RefusedRequestError(404, 'registryNotConfigured', 'there is no such registry');
    expect(refuse('registry webhook refused', error, { registry: 'a' }, log)).toEqual(
      errorResponse(404, 'registryNotConfigured', 'there is no such registry'),
    );
    expect(lines).toEqual([
      'warn registry webhook refused {"registry":"a","status":404,"reason":"registryNotConfigured","detail":"there is no such registry"}',
    ]);
  });
});

describe('wholeSeconds', () => {
  it.each([
    [0, undefined, 1],
    [-5_000, undefined, 1],
    [1, undefined, 1],
    [1_000, undefined, 1],
    [1_001, undefined, 2],
    [90_000, undefined, 90],
    [90_000, 60, 60],
  ])('of %i ms, %s at most, is %i', (ms, most, seconds) => {
    expect(wholeSeconds(ms, most)).toBe(seconds);
  });
});
