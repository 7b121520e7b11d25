import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { once } from '../once.ts';

interface BuiltPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

type Answer = (headers: Pick<HttpRequest['headers'], 'get'>) => HttpResponseInit;

/** The page for people. It holds nothing of what evenkeel knows: it asks `getStatus` for that. */
export function bindStatusPage(loadPage: () => Promise<BuiltPage>): void {
  const answer = once(async () => statusPageAnswer(await loadPage()));
  app.http('statusPage', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'dashboard',
    handler: async ({ headers }) => (await answer())(headers),
  });
}

/** @returns what answers a request by its headers: with the page, compressed or not, or with 304. */
export async function statusPageAnswer({ html, contentSecurityPolicy }: BuiltPage): Promise<Answer> {
  const plain = Buffer.from(html);
  const compressed = await promisify(gzip)(plain, { level: 9 });
  const version = createHash('sha256').update(contentSecurityPolicy).update(plain).digest('base64url');
  return (headers) => {
    const isCompressed = accepts(headers.get('accept-encoding') ?? '', 'gzip');
    // Two representations have two tags. https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
    const etag = `"${version.slice(0, 22)}${isCompressed ? '-gzip' : ''}"`;
    const common = {
      'cache-control': 'private, no-cache',
      'content-security-policy': contentSecurityPolicy,
      'cross-origin-opener-policy': 'same-origin',
      etag,
      'referrer-policy': 'no-referrer',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    };
    if (names(headers.get('if-none-match') ?? '', etag)) return { status: 304, headers: common };
    const type = { 'content-type': 'text/html; charset=utf-8' };
    return isCompressed
      ? { body: compressed, headers: { ...common, ...type, 'content-encoding': 'gzip' } }
      : { body: plain, headers: { ...common, ...type } };
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
function accepts(acceptEncoding: string, coding: string): boolean {
  const items = acceptEncoding
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim().toLowerCase()));
  const item = items.find(([name]) => name === coding) ?? items.find(([name]) => name === '*');
  return item !== undefined && !item.some((part) => /^q=0(\.0*)?$/.test(part));
}

const names = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === etag);
