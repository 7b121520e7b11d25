import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../clock.ts';

const claims = v.object({
  kind: v.picklist(['refresh', 'access']),
  aud: v.string(),
  scope: v.string(),
  exp: v.number(),
});
type Claims = v.InferOutput<typeof claims>;

const lifetimeSeconds = { refresh: 3 * 3600, access: 75 * 60 } as const;

/** Issues tokens in the shape of those of registries, and knows its own again. */
export class EndpointTokens {
  private readonly clock: Clock;
  private readonly key = randomBytes(32);

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param service The login server of the registry. */
  issue(kind: Claims['kind'], service: string, scope: string): string {
    const exp = Math.floor(this.clock.now() / 1000) + lifetimeSeconds[kind];
    const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ kind, aud: service, scope, exp })}`;
    return `${content}.${this.sign(content)}`;
  }

  /** The scope of a token that is valid at `service`; undefined for any other text. */
  scopeOf(token: string, kind: Claims['kind'], service: string): string | undefined {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.sign(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const found = v.parse(claims, JSON.parse(Buffer.from(payload, 'base64url').toString()));
    const isValid = found.kind === kind && found.aud === service && found.exp * 1000 > this.clock.now();
    return isValid ? found.scope : undefined;
  }

  private sign(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
