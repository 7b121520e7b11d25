import { createHash, timingSafeEqual } from 'node:crypto';
import { MIMEType } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import { RefusedRequestError } from './refusal.ts';

const secretHeader = 'x-evenkeel-secret';
const maxBytes = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON that a registry sent, not yet checked for anything else.
 * @param secret `undefined`: none is asked for.
 * @throws {RefusedRequestError} 401, 413, 415 or 400, in this order.
 */
export async function readWebhookBody(request: HttpRequest, secret: string | undefined): Promise<unknown> {
  if (secret !== undefined && !isSame(request.headers.get(secretHeader) ?? '', secret)) {
    throw new RefusedRequestError(401, 'unauthorized', `the header ${secretHeader} is missing or wrong`);
  }
  // What a Content-Length says is not believed.
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

/** Takes as long for a secret that is nearly right as for any other, and tells nothing of its length. */
const isSame = (found: string, secret: string): boolean => timingSafeEqual(sha256(found), sha256(secret));

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function isJson(contentType: string): boolean {
  try {
    const { type, subtype } = new MIMEType(contentType);
    return type === 'application' && (subtype === 'json' || subtype.endsWith('+json'));
  } catch {
    return false;
  }
}
