import type { Config } from '../config.ts';
import { deadlineIn, invocationMs } from '../lib/deadline.ts';
import { type Log, type LogFields, logFailure } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import type { JournalKeeper } from '../status/journal-keeper.ts';
import { countConflict, countOutcome, countRepair, measureLag } from '../telemetry/metrics.ts';
import { OwnershipConflictError } from './errors.ts';
import { describeChange, isRepair, type Outcome } from './outcome.ts';
import type { Change } from './plan.ts';
import { type ReconcilePorts, type ReconcileRequest, reconcile } from './reconcile.ts';
import { recordSetId } from './record-set.ts';
import type { Trigger } from './requeue.ts';
import { conflictSignal } from './signals.ts';

export interface GroupPorts extends ReconcilePorts {
  readonly signals: SignalPublisher;
  readonly journal: JournalKeeper;
}

/** One reconcile under the settings, with one line that says how it ended. */
export async function reconcileGroup(
  request: Omit<ReconcileRequest, 'foreignRecords'>,
  facts: LogFields,
  config: Config,
  loadPorts: () => Promise<GroupPorts>,
  log: Log,
): Promise<void> {
  const { group, spoke, trigger } = request;
  const all = { containerGroup: group.key, zone: spoke.forwardZone.name, trigger, ...facts };
  const deadline = deadlineIn(invocationMs);
  const applied: Change[] = [];
  try {
    const foreignRecords = settingValue(config.foreignRecords);
    const ports = await loadPorts();
    const outcome = await withConflictSignal(ports, all, log, () =>
      reconcile({ ...request, foreignRecords }, ports, deadline, applied),
    );
    logOutcome(outcome, trigger, all, log);
    note(outcome, request, ports.journal);
    const signals = outcome.blocked.map((blocked) => conflictSignal(group, blocked));
    if (signals.length > 0) await ports.signals.publish(signals);
    await ports.journal.flush();
  } catch (error) {
    // A conflict at the PTR, say, fails an invocation that has put A right.
    const changes = applied.map(describeChange);
    countOutcome(logFailure('dns reconciling', error, { ...all, changes }, log));
    throw error;
  }
}

/** The conflict fails the invocation, so whatever becomes of the signal, it is sent again with the event. */
async function withConflictSignal(
  { signals, journal }: GroupPorts,
  facts: LogFields,
  log: Log,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OwnershipConflictError) {
      const { contender, blocked } = error;
      countConflict();
      journal.recordConflict(contender.key, {
        recordSet: recordSetId(blocked.recordSet.key),
        owner: error.owner.key,
      });
      await signals
        .publish([conflictSignal(contender, blocked)])
        .catch((failure: unknown) => void logFailure('conflict signal', failure, facts, log));
      await journal.flush();
    }
    throw error;
  }
}

/** For people: what is deferred or refused is not settled. */
function note(
  { result }: Outcome,
  { group, trigger }: Pick<ReconcileRequest, 'group' | 'trigger'>,
  journal: JournalKeeper,
): void {
  if (isRepair(result)) journal.recordRepair(trigger);
  if (isRepair(result) || result === 'nothingToDo') journal.recordReconciled(group.key);
}

function logOutcome(outcome: Outcome, trigger: Trigger, facts: LogFields, log: Log): void {
  for (const { reason, recordSet } of outcome.blocked) {
    log.warn('record set left alone', { ...facts, reason, recordSet: recordSetId(recordSet.key) });
  }
  const { result, changes, rounds, uncoveredAddress, lacksRecheck, dueInMs } = outcome;
  if (uncoveredAddress !== undefined) {
    log.warn('address outside every reverse zone', { ...facts, address: uncoveredAddress });
  }
  if (lacksRecheck) {
    log.warn('re-check not queued', { ...facts, detail: 'no DEFERRAL or AzureWebJobsStorage is set' });
  }
  countOutcome(result);
  if (isRepair(result)) {
    countRepair(result, trigger);
    const { lagMs } = facts;
    if (typeof lagMs === 'number') measureLag(lagMs, result, trigger);
  }
  const due = dueInMs === undefined ? {} : { dueInMs };
  log.info('dns reconciled', { ...facts, result, changes: changes.map(describeChange), rounds, ...due });
}
