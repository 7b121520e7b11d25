import type { FaultEffect, Faults } from '../arm/faults.ts';
import type { ArmRequest } from '../arm/operation.ts';
import { isJsonObject } from '../json.ts';
import { dataPath } from './data-host.ts';

/** What is wrong with a regional endpoint. Times are of the simulator's clock. */
export type EndpointCondition =
  /** Every request is refused, as with 503, or with 429 and a time to wait. */
  | { readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** The registry's firewall, or its private endpoint, keeps the client out. */
  | { readonly firewall: true }
  /** Connections break; there is no telling apart from a refused one on the simulator's only port. */
  | { readonly refuse: true }
  /** No answer ever comes. */
  | { readonly hang: true }
  | { readonly latencyMs: number };

/**
 * What of an endpoint is in a condition. `endpoint` is all of it but the data host, which is another host;
 * `frontDoor` is `GET /v2/`.
 */
export type EndpointPart = 'endpoint' | 'frontDoor' | 'manifests' | 'blobs' | 'tokens' | 'data';

function effectOf(condition: EndpointCondition): FaultEffect {
  if ('latencyMs' in condition) return { kind: 'latency', ms: condition.latencyMs };
  if ('hang' in condition) return { kind: 'hang' };
  if ('refuse' in condition) return { kind: 'lostRequest' };
  if ('firewall' in condition) return { kind: 'status', status: 403, body: { errors: [outsideTheFirewall] } };
  const { status, retryAfterSeconds } = condition;
  return { kind: 'status', status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** As users of the service report it; the address is an invented one. https://aka.ms/acr/firewall */
const outsideTheFirewall = {
  code: 'DENIED',
  message:
    "client with IP '203.0.113.17' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
};

/**
 * Path of a regional endpoint below the simulator's base URL.
 * @param label The first label of the registry's login server.
 */
export const endpointPath = (label: string, region: string): string =>
  `/registry-endpoints/${label.toLowerCase()}/${region}`;

/** The names of a part's operations begin so. */
const operations: Readonly<Record<Exclude<EndpointPart, 'endpoint' | 'data'>, RegExp>> = {
  frontDoor: /^RegistryEndpoint_/,
  manifests: /^Manifests_/,
  blobs: /^Blobs_/,
  tokens: /^Authentication_/,
};

/** The conditions that regional endpoints, or parts of them, are in: at most one each. */
export class EndpointConditions {
  private readonly faults: Faults;
  private readonly removals = new Map<string, () => void>();

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** @param label The first label of the registry's login server. */
  set(label: string, region: string, part: EndpointPart, condition: EndpointCondition): void {
    const key = keyOf(label, region, part);
    this.removals.get(key)?.();
    const pathPrefix = part === 'data' ? dataPath(label, region) : endpointPath(label, region);
    const names = part === 'endpoint' || part === 'data' ? /./ : operations[part];
    const match = ({ operation }: { readonly operation: string }) => names.test(operation);
    this.removals.set(key, this.faults.add({ pathPrefix, match, ...effectOf(condition) }).remove);
  }

  /**
   * Puts the token service of a registry into a condition, at all its endpoints and at the simulator's root.
   * @param service The login server.
   */
  setTokenService(label: string, service: string, condition: EndpointCondition): void {
    this.clearTokenService(label);
    const below = `/registry-endpoints/${label}/`;
    const match = ({ operation, id, body }: ArmRequest) =>
      operations.tokens.test(operation) &&
      (id.toLowerCase().startsWith(below) || (isJsonObject(body) && body['service'] === service));
    this.removals.set(tokenServiceKey(label), this.faults.add({ match, ...effectOf(condition) }).remove);
  }

  clearTokenService(label: string): void {
    this.removals.get(tokenServiceKey(label))?.();
    this.removals.delete(tokenServiceKey(label));
  }

  /** Ends the condition of a part, or those of all. */
  clear(label: string, region: string, part?: EndpointPart): void {
    for (const key of part === undefined ? [...this.removals.keys()] : [keyOf(label, region, part)]) {
      if (!key.startsWith(keyOf(label, region, ''))) continue;
      this.removals.get(key)?.();
      this.removals.delete(key);
    }
  }
}

const tokenServiceKey = (label: string): string => `token service of ${label}`;

const keyOf = (label: string, region: string, part: EndpointPart | ''): string =>
  `${label.toLowerCase()} ${region} ${part}`;
