import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageAnswers } from '../../src/http/page-response.ts';

const page = { html: '<!doctype html><title>é</title>', contentSecurityPolicy: "default-src 'none'" };

describe('the answer with the status page', () => {
  let answer: Awaited<ReturnType<typeof pageAnswers>>;
  beforeAll(async () => {
    answer = await pageAnswers(page);
  });
  const ask = (headers: Record<string, string> = {}) => answer(new Headers(headers));

  it('forbids other sites to frame it, guess its type or learn its address', () => {
    expect(ask().headers).toMatchObject({
      'content-security-policy': page.contentSecurityPolicy,
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-cache',
    });
  });

  it.each([
    ['nothing is said', '', false],
    ['gzip is said', 'deflate, gzip;q=0.5', true],
    ['anything goes', '*', true],
    ['gzip is refused', 'gzip;q=0, *', false],
    ['gzip is refused in full', 'br, GZIP; q=0.000', false],
    ['something else is said', 'br', false],
  ])('is compressed only when the client accepts that: %s', (_, accepted, isCompressed) => {
    const { headers, body = new Uint8Array() } = ask({ 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(isCompressed ? 'gzip' : undefined);
    expect(headers['vary']).toBe('accept-encoding');
    expect(new TextDecoder().decode(isCompressed ? gunzipSync(body) : body)).toBe(page.html);
  });

  it('is 304 for a client that has this page in this form', async () => {
    const etag = ask().headers['etag'] ?? '';
    const compressed = ask({ 'accept-encoding': 'gzip' }).headers['etag'] ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(compressed).not.toBe(etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, body, headers } = ask({ 'if-none-match': known });
      expect([status, body, headers['etag']]).toEqual([304, undefined, etag]);
    }
    expect(ask({ 'if-none-match': compressed }).status).toBe(200);
    const newer = await pageAnswers({ ...page, contentSecurityPolicy: "default-src 'self'" });
    expect(newer(new Headers({ 'if-none-match': etag })).status).toBe(200);
  });
});
