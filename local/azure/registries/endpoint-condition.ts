import type { FaultEffect, Faults } from '../arm/faults.ts';

/** What is wrong with a regional endpoint. Times are of the simulator's clock. */
export type EndpointCondition =
  /** Every request is refused, as with 503, or with 429 and a time to wait. */
  | { readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** Connections break; there is no telling apart from a refused one on the simulator's only port. */
  | { readonly refuse: true }
  /** No answer ever comes. */
  | { readonly hang: true }
  | { readonly latencyMs: number };

function effectOf(condition: EndpointCondition): FaultEffect {
  if ('latencyMs' in condition) return { kind: 'latency', ms: condition.latencyMs };
  if ('hang' in condition) return { kind: 'hang' };
  if ('refuse' in condition) return { kind: 'lostRequest' };
  const { status, retryAfterSeconds } = condition;
  return { kind: 'status', status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/**
 * Path of a regional endpoint below the simulator's base URL.
 * @param label The first label of the registry's login server.
 */
export const endpointPath = (label: string, region: string): string =>
  `/registry-endpoints/${label.toLowerCase()}/${region}`;

/** The conditions that regional endpoints, known by their paths, are in: at most one each. */
export class EndpointConditions {
  private readonly faults: Faults;
  private readonly removals = new Map<string, () => void>();

  constructor(faults: Faults) {
    this.faults = faults;
  }

  set(path: string, condition: EndpointCondition): void {
    this.clear(path);
    this.removals.set(path, this.faults.add({ pathPrefix: path, ...effectOf(condition) }).remove);
  }

  clear(path: string): void {
    this.removals.get(path)?.();
    this.removals.delete(path);
  }
}
