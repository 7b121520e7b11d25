import { hash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { readJsonBody } from './json-body.ts';
import { RefusedRequestError } from './refusal.ts';

const secretHeader = 'x-evenkeel-secret';

/**
 * The JSON body of a registry's webhook, not yet validated.
 * @param secret the text that the header must have; `undefined` accepts every request.
 * @throws {RefusedRequestError} 401, 413, 415 or 400, in this order.
 */
export async function readWebhookBody(request: HttpRequest, secret: string | undefined): Promise<unknown> {
  if (secret !== undefined && !isSame(request.headers.get(secretHeader) ?? '', secret)) {
    throw new RefusedRequestError(401, 'unauthorized', `the header ${secretHeader} is missing or wrong`);
  }
  return readJsonBody(request);
}

/** Compares in constant time, and does not reveal the length of the secret. */
const isSame = (found: string, secret: string): boolean => timingSafeEqual(sha256(found), sha256(secret));

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');
