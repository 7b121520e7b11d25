import { MIMEType } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import { RefusedRequestError } from './refusal.ts';

const maxBytes = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON body of a request, not yet validated.
 * @throws {RefusedRequestError} 413, 415 or 400, in this order.
 */
export async function readJsonBody(request: HttpRequest): Promise<unknown> {
  // A Content-Length is not trusted.
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maxBytes) {
    throw new RefusedRequestError(413, 'bodyTooLarge', `the body is larger than ${maxBytes} bytes`);
  }
  if (!isJson(request.headers.get('content-type') ?? '')) {
    throw new RefusedRequestError(415, 'notJson', 'the body is not of the type application/json');
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new RefusedRequestError(400, 'malformedBody', 'the body is not JSON in UTF-8', { cause });
  }
}

/** Whether a body of this type is read; any other is refused with 415. */
export function isJson(contentType: string): boolean {
  if (contentType === 'application/json') return true;
  try {
    const { type, subtype } = new MIMEType(contentType);
    return type === 'application' && (subtype === 'json' || subtype.endsWith('+json'));
  } catch {
    return false;
  }
}
