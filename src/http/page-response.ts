import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsGzip, type RequestHeaders } from './compression.ts';

/** The status page that the build made. */
export interface BuiltPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

interface PageAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** @returns a function that answers a request with the page, compressed or not, or with 304. */
export async function pageAnswers({
  html,
  contentSecurityPolicy,
}: BuiltPage): Promise<(request: RequestHeaders) => PageAnswer> {
  const plain = new TextEncoder().encode(html);
  const compressed = new Uint8Array(await promisify(gzip)(plain, { level: 9 }));
  const version = createHash('sha256').update(contentSecurityPolicy).update(plain).digest('base64url');
  return (request) => {
    const isCompressed = acceptsGzip(request);
    // Each representation has its own tag. https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
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
    if (names(request.get('if-none-match') ?? '', etag)) return { status: 304, headers: common };
    const headers = { ...common, 'content-type': 'text/html; charset=utf-8' };
    return isCompressed
      ? { status: 200, body: compressed, headers: { ...headers, 'content-encoding': 'gzip' } }
      : { status: 200, body: plain, headers };
  };
}

const names = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === etag);
