import { type Log, logFailure } from '../lib/log.ts';
import { countReplicaChange, countReplicaThrottle } from '../telemetry/metrics.ts';
import { isThrottled } from './notes.ts';
import type { RegistryOutcome } from './review-registries.ts';
import type { ReviewEvent } from './signals.ts';

/** Events that an operator should look into. */
const troubles: ReadonlySet<ReviewEvent['kind']> = new Set([
  'flagged',
  'contested',
  'reversed',
  'failed',
  'rolledBack',
  'rehearsalAborted',
]);

/** Logs and counts the review of one registry: one line for each event, and one that says how the review ended. */
export function logReview(outcome: RegistryOutcome, log: Log): void {
  const { loginServer } = outcome;
  const registry = outcome.registry.name;
  const named = { registry, loginServer };
  if (outcome.result === 'failed') {
    logFailure('registry review', outcome.error, named, log);
    return;
  }
  if (outcome.stateReset) log.warn('registry review state reset', named);
  // Another run that was faster logs the same.
  if (outcome.result === 'lostRace') {
    log.info('registry reviewed', { ...named, result: outcome.result });
    return;
  }
  const { result, state, events, changes, refusal } = outcome;
  for (const { replica, region, kind } of events) {
    countReplicaChange(registry, loginServer ?? '', kind);
    const say = troubles.has(kind) ? log.warn : log.info;
    const { reasons = [], interlocks = [] } = state.replicas.find(({ name }) => name === replica) ?? {};
    const blockedBy = interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
    say('replica reviewed', { ...named, replica, region, happened: kind, reasons, blockedBy });
  }
  const throttled = state.replicas
    .filter(({ evidence }) => isThrottled(evidence))
    .map(({ region }) => region);
  for (const region of throttled) countReplicaThrottle(registry, loginServer ?? '', region);
  for (const change of changes) log.info('replica routing changed', { ...named, ...change });
  if (refusal !== undefined) {
    log.error('replica routing refused', { ...named, reason: refusal.name, detail: refusal.message });
  }
  for (const problem of state.problems) log.warn('registry has a problem', { ...named, reason: problem });
  log.info('registry reviewed', {
    ...named,
    result,
    replicas: state.replicas.length,
    flagged: state.replicas.filter(({ verdict }) => verdict.flagged).map(({ name }) => name),
    controlPlaneError: state.controlPlaneError?.reason ?? null,
    commonCause: state.commonCause,
    throttled,
    availability: state.availability?.state ?? null,
  });
}
