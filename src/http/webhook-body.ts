import { createHash, timingSafeEqual } from 'node:crypto';
import { MIMEType } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import { RefusedRequestError } from './refusal.ts';

const secretHeader = 'x-evenkeel-secret';
const maxBytes = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON body of a registry's webhook, not yet validated.
 * @param secret the text that the header must have; `undefined` accepts every request.
 * @throws {RefusedRequestError} 401, 413, 415 or 400, in this order.
 */
export async function readWebhookBody(request: HttpRequest, secret: string | undefined): Promise<unknown> {
  if (secret !== undefined && !isSame(request.headers.get(secretHeader) ?? '', secret)) {
    throw new RefusedRequestError(401, 'unauthorized', `the header ${secretHeader} is missing or wrong`);
  }
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

/** Compares in constant time, and does not reveal the length of the secret. */
const isSame = (found: string, secret: string): boolean => timingSafeEqual(sha256(found), sha256(secret));

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a webhook with this type is read; any other is refused with 415. */
export function isJson(contentType: string): boolean {
  try {
    const { type, subtype } = new MIMEType(contentType);
    return type === 'application' && (subtype === 'json' || subtype.endsWith('+json'));
  } catch {
    return false;
  }
}
