import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { ArmError } from './arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from './arm/operation.ts';
import type { Clock } from './clock.ts';
import { TokenMint } from './token-mint.ts';

const lifetimeSeconds = 24 * 3600;

/**
 * The managed identity of a Functions app, whose tokens a process gets from a local endpoint.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export class ManagedIdentity {
  readonly principalId = randomUUID();
  readonly clientId = randomUUID();
  /** A secret that only the app's process knows. */
  readonly header = randomUUID().toUpperCase();
  private readonly mint;

  constructor(clock: Clock) {
    this.mint = new TokenMint(clock, v.object({ aud: v.string(), oid: v.string() }));
  }

  /** Environment of a process that has this identity. @param base Base URL of the simulator. */
  environment(base: string): Readonly<Record<string, string>> {
    return { IDENTITY_ENDPOINT: `${base}${path}`, IDENTITY_HEADER: this.header };
  }

  /** Whether a token was issued here for another audience, or has expired. Other tokens are nothing to it. */
  refuses(token: string, audience: string): boolean {
    return this.mint.isOwn(token) && this.mint.read(token)?.aud !== audience;
  }

  get operations(): Operation[] {
    return [
      { name: 'ManagedIdentity_GetToken', method: 'GET', path, handle: (request) => this.getToken(request) },
    ];
  }

  private getToken(request: ArmRequest): ArmAnswer {
    if (request.headers.get('x-identity-header') !== this.header) {
      throw new ArmError(401, 'Unauthorized', 'The header X-IDENTITY-HEADER is missing or wrong.');
    }
    const resource = request.query.get('resource') ?? '';
    const clientId = request.query.get('client_id') ?? this.clientId;
    if (!URL.canParse(resource) || clientId !== this.clientId) {
      throw new ArmError(400, 'BadRequest', 'There is no such resource, or no such identity.');
    }
    const issued = this.mint.issue({ aud: resource, oid: this.principalId }, lifetimeSeconds);
    const { token: access_token, expiresAtSeconds } = issued;
    const expires_on = String(expiresAtSeconds);
    const body = { access_token, expires_on, resource, token_type: 'Bearer', client_id: clientId };
    return { status: 200, body };
  }
}

const path = '/identity/token';
