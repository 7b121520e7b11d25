import { type Counter, metrics } from '@opentelemetry/api';
import type { Attribution } from './dns/deferral.ts';

/**
 * What is counted, through the OpenTelemetry API: it costs nothing until somebody registers a provider.
 *
 * | metric                  | unit       | attributes                                                     |
 * |-------------------------|------------|----------------------------------------------------------------|
 * | `evenkeel.dns.outcomes` | `{event}`  | `outcome`: the `result` of a reconcile, why an event needed none, or why it failed |
 * | `evenkeel.dns.repairs`  | `{repair}` | `result` created, updated, removed; `attribution` event, audit |
 *
 * Repairs by `audit` over all repairs tells how many events are being missed.
 */
export const countOutcome = (outcome: string): void =>
  counter('evenkeel.dns.outcomes', '{event}').add(1, { outcome });

export const countRepair = (result: string, attribution: Attribution): void =>
  counter('evenkeel.dns.repairs', '{repair}').add(1, { result, attribution });

/** Asked for at each use: one that was made before a provider was registered would count for nobody. */
const counter = (name: string, unit: string): Counter =>
  metrics.getMeter('evenkeel').createCounter(name, { unit });
