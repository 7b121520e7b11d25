import type { Log } from '../lib/log.ts';
import { countReplicaChange } from '../telemetry/metrics.ts';
import type { RegistryOutcome } from './review-registries.ts';

/** The lines about the review of one registry: one for each thing that happened, and one that says how it ended. */
export function logReview(outcome: RegistryOutcome, log: Log): void {
  const registry = outcome.registry.name;
  if (outcome.result === 'failed') {
    const { error } = outcome;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    log.error('registry review failed', { registry, reason: name, detail: message });
    return;
  }
  const { result, state, events, changes, refusal, stateReset } = outcome;
  if (stateReset) log.warn('registry review began anew', { registry });
  // Another run that was faster tells the same.
  if (result === 'lostRace') {
    log.info('registry reviewed', { registry, result });
    return;
  }
  for (const { replica, region, kind } of events) {
    countReplicaChange(registry, kind);
    const isTrouble = kind === 'flagged' || kind === 'contested' || kind === 'reversed' || kind === 'failed';
    const say = isTrouble ? log.warn : log.info;
    const { reasons = [], interlocks = [] } = state.replicas.find(({ name }) => name === replica) ?? {};
    const holds = interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
    say('replica reviewed', { registry, replica, region, happened: kind, reasons, holds });
  }
  for (const change of changes) log.info('replica routing changed', { registry, ...change });
  if (refusal !== undefined) {
    log.error('replica routing refused', { registry, reason: refusal.name, detail: refusal.message });
  }
  for (const problem of state.problems) log.warn('registry has a problem', { registry, reason: problem });
  log.info('registry reviewed', {
    registry,
    result,
    replicas: state.replicas.length,
    flagged: state.replicas.filter(({ verdict }) => verdict.flagged).map(({ name }) => name),
    frozen: state.frozen?.reason ?? null,
    commonCause: state.commonCause,
  });
}
