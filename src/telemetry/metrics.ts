import { type Attributes, type Counter, type Histogram, metrics } from '@opentelemetry/api';

/** The reason to reconcile a container group: an event, or a finding of the audit. */
type Trigger = 'event' | 'audit';

/**
 * The metrics, through the OpenTelemetry API. They cost nothing until a provider is registered.
 *
 * | metric                             | unit         | attributes                                         |
 * |------------------------------------|--------------|----------------------------------------------------|
 * | `evenkeel.dns.outcomes`            | `{event}`    | `outcome`: the result, or the reason of no work or failure |
 * | `evenkeel.dns.repairs`             | `{repair}`   | `result` created, updated, removed; `trigger` event, audit |
 * | `evenkeel.dns.lag`                 | `ms`         | `result`, `trigger`; from an event to its repair   |
 * | `evenkeel.dns.drift_age`           | `s`          | `finding`; since the first sweep that found it     |
 * | `evenkeel.dns.conflicts`           | `{conflict}` |                                                    |
 * | `evenkeel.azure.throttles`         | `{answer}`   | `operation`                                        |
 * | `evenkeel.images.notices`          | `{notice}`   | `result` recorded, duplicate, outdated, replicated, deleted |
 * | `evenkeel.images.replication_time` | `ms`         | `registry`, `loginServer`, `region`; from the first notification to that of a region |
 * | `evenkeel.signals.outbox_age`      | `ms`         | the oldest signal when it is published             |
 * | `evenkeel.replicas.changes`        | `{change}`   | `registry`, `loginServer`, `happened` flagged, cleared, contested, … |
 * | `evenkeel.replicas.throttles`      | `{review}`   | `registry`, `loginServer`, `region`; reviews in which a replica answered 429 |
 * | `evenkeel.review.duration`         | `ms`         |                                                    |
 *
 * The share of repairs by `audit` shows how many events are being missed.
 */
export const countOutcome = (outcome: string): void => count('dns.outcomes', '{event}', { outcome });

export const countRepair = (result: string, trigger: Trigger): void =>
  count('dns.repairs', '{repair}', { result, trigger });

export const measureLag = (ms: number, result: string, trigger: Trigger): void =>
  measure('dns.lag', 'ms', ms, { result, trigger });

export const measureDriftAge = (seconds: number, finding: string): void =>
  measure('dns.drift_age', 's', seconds, { finding });

export const countConflict = (): void => count('dns.conflicts', '{conflict}');

export const countThrottle = (operation: string): void => count('azure.throttles', '{answer}', { operation });

export const countNotification = (result: string): void => count('images.notices', '{notice}', { result });

export const measureReplication = (registry: string, loginServer: string, region: string, ms: number): void =>
  measure('images.replication_time', 'ms', ms, { registry, loginServer, region });

export const measureOutboxAge = (ms: number): void => measure('signals.outbox_age', 'ms', ms);

/** @param loginServer empty as long as it is not known. */
export const countReplicaChange = (registry: string, loginServer: string, happened: string): void =>
  count('replicas.changes', '{change}', { registry, loginServer, happened });

/** @param loginServer empty as long as it is not known. */
export const countReplicaThrottle = (registry: string, loginServer: string, region: string): void =>
  count('replicas.throttles', '{review}', { registry, loginServer, region });

export const measureReview = (ms: number): void => measure('review.duration', 'ms', ms);

function count(name: string, unit: string, attributes: Attributes = {}): void {
  instrument(name, unit, 'counter').add(1, attributes);
}

function measure(name: string, unit: string, value: number, attributes: Attributes = {}): void {
  instrument(name, unit, 'histogram').record(value, attributes);
}

/** Requested at each use: an instrument from before the registration of a provider would count for nobody. */
function instrument(name: string, unit: string, kind: 'counter'): Counter;
function instrument(name: string, unit: string, kind: 'histogram'): Histogram;
function instrument(name: string, unit: string, kind: 'counter' | 'histogram'): Counter | Histogram {
  const meter = metrics.getMeter('evenkeel');
  const full = `evenkeel.${name}`;
  return kind === 'counter' ? meter.createCounter(full, { unit }) : meter.createHistogram(full, { unit });
}
