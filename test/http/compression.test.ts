import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptsGzip, jsonResponse } from '../../src/http/compression.ts';

const accepting = (text?: string) => new Headers(text === undefined ? {} : { 'accept-encoding': text });

describe('acceptsGzip', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['identity', false],
    ['br', false],
    ['gzip', true],
    ['GZIP', true],
    ['deflate, gzip;q=0.5, br', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['gzip;q=0.001', true],
    ['*', true],
    ['*;q=0', false],
    // A name counts before the wildcard, wherever it stands.
    ['*, gzip;q=0', false],
    ['*;q=0, gzip', true],
  ])('of %j is %s', (text, expected) => {
    expect(acceptsGzip(accepting(text))).toBe(expected);
  });
});

describe('jsonResponse', () => {
  const long = { text: 'x'.repeat(20_000) };
  const common = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
  };

  it('compresses a long document when the client accepts that', async () => {
    const { body, headers } = await jsonResponse(long, accepting('gzip'));
    expect(headers).toEqual({ ...common, 'content-encoding': 'gzip' });
    if (!(body instanceof Uint8Array)) throw new TypeError('the body is not compressed');
    expect(body.length).toBeLessThan(1_000);
    expect(JSON.parse(gunzipSync(body).toString())).toEqual(long);
  });

  it.each([
    ['a long document when the client does not accept that', long, undefined],
    ['a short document', { text: 'x' }, 'gzip'],
  ])('does not compress %s', async (_, document, encoding) => {
    expect(await jsonResponse(document, accepting(encoding))).toEqual({
      body: JSON.stringify(document),
      headers: common,
    });
  });
});
