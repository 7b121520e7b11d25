import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from './clock.ts';

const expiry = v.object({ exp: v.number() });

/**
 * Issues JSON Web Tokens, and knows its own again until they expire.
 * https://www.rfc-editor.org/rfc/rfc7519
 */
export class TokenMint<Schema extends v.GenericSchema> {
  private readonly clock: Clock;
  private readonly claims: Schema;
  private readonly key = randomBytes(32);

  /** @param claims What a token says, beside its expiry. */
  constructor(clock: Clock, claims: Schema) {
    this.clock = clock;
    this.claims = claims;
  }

  issue(claims: v.InferInput<Schema>, lifetimeSeconds: number): { token: string; expiresAtSeconds: number } {
    const exp = Math.floor(this.clock.now() / 1000) + lifetimeSeconds;
    const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ ...Object(claims), exp })}`;
    return { token: `${content}.${this.sign(content)}`, expiresAtSeconds: exp };
  }

  /** Whether a text is a token of this mint, expired or not. */
  isOwn(token: string): boolean {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.sign(`${header}.${payload}`));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** What a token says; undefined for an expired one, and for any other text. */
  read(token: string): v.InferOutput<Schema> | undefined {
    if (!this.isOwn(token)) return undefined;
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return v.parse(expiry, payload).exp * 1000 > this.clock.now() ? v.parse(this.claims, payload) : undefined;
  }

  private sign(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
