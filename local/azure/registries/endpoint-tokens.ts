import * as v from 'valibot';
import type { Clock } from '../clock.ts';
import { TokenMint } from '../token-mint.ts';

const claims = v.object({ kind: v.picklist(['refresh', 'access']), aud: v.string(), scope: v.string() });
type Kind = v.InferOutput<typeof claims>['kind'];

const lifetimeSeconds: Readonly<Record<Kind, number>> = { refresh: 3 * 3600, access: 75 * 60 };

/** Issues tokens in the shape of those of registries, and knows its own again. */
export class EndpointTokens {
  private readonly mint;

  constructor(clock: Clock) {
    this.mint = new TokenMint(clock, claims);
  }

  /** @param service The login server of the registry. */
  issue(kind: Kind, service: string, scope: string): string {
    return this.mint.issue({ kind, aud: service, scope }, lifetimeSeconds[kind]).token;
  }

  /** The scope of a token that is valid at `service`; undefined for any other text. */
  scopeOf(token: string, kind: Kind, service: string): string | undefined {
    const found = this.mint.read(token);
    return found?.kind === kind && found.aud === service ? found.scope : undefined;
  }
}
