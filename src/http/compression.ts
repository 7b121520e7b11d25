import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpResponseInit } from '@azure/functions';

/** The headers of a request, as the Functions SDK has them. */
export interface RequestHeaders {
  get(name: string): string | null;
}

/**
 * Whether the client accepts a compressed answer.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function acceptsGzip(headers: RequestHeaders): boolean {
  const items = (headers.get('accept-encoding') ?? '')
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim().toLowerCase()));
  const item = items.find(([name]) => name === 'gzip') ?? items.find(([name]) => name === '*');
  return item !== undefined && !item.some((part) => /^q=0(\.0*)?$/.test(part));
}

/** The status of a large installation takes megabytes, and the page requests it every few seconds. */
const compressedFromLength = 16_384;

/** An answer that no cache may keep. A long one is compressed when the client accepts that. */
export async function jsonResponse(document: unknown, request: RequestHeaders): Promise<HttpResponseInit> {
  const text = JSON.stringify(document);
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
  };
  if (text.length < compressedFromLength || !acceptsGzip(request)) return { body: text, headers };
  const body = new Uint8Array(await promisify(gzip)(text, { level: 1 }));
  return { body, headers: { ...headers, 'content-encoding': 'gzip' } };
}
