import { deadlineIn, invocationMs } from '../lib/deadline.ts';
import { type Log, type LogFields, logFailure } from '../lib/log.ts';
import { type Setting, settingValue } from '../settings/setting.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import { countConflict, countOutcome, countRepair, measureLag } from '../telemetry/metrics.ts';
import { type Change, describeChange } from './change.ts';
import { type DryRun, type DryRunPorts, dryRun } from './dry-run.ts';
import { OwnershipConflictError } from './errors.ts';
import { isRepair, type Outcome } from './outcome.ts';
import type { ForeignRecords } from './plan.ts';
import type { DnsPolicy } from './policy.ts';
import type { ReconcileJournal } from './ports.ts';
import { type ReconcilePorts, type ReconcileRequest, reconcile } from './reconcile.ts';
import { recordSetId } from './record-set.ts';
import type { Trigger } from './requeue.ts';
import { conflictSignal } from './signals.ts';

export interface ReconcileReportPorts extends ReconcilePorts {
  readonly signals: SignalPublisher;
  readonly journal: ReconcileJournal;
}

/** The settings that a reconcile goes by, beside the zone map. */
interface ReconcileSettings {
  readonly foreignRecords: Setting<ForeignRecords>;
  readonly dnsPolicy: Setting<DnsPolicy>;
}

/**
 * One reconcile of one invocation, and all that is told of it: one log line with the outcome, metrics, signals, and
 * the journal for people.
 *
 * @param facts what the trigger knows, for each log line.
 * @throws what {@link reconcile} throws: the world is not as it should be, and the event has to come again.
 */
export async function reconcileAndReport(
  request: Omit<ReconcileRequest, 'foreignRecords' | 'policy'>,
  settings: ReconcileSettings,
  facts: LogFields,
  loadPorts: () => Promise<ReconcileReportPorts>,
  log: Log,
): Promise<void> {
  const { group, spoke, trigger } = request;
  const fields = { containerGroup: group.key, zone: spoke.forwardZone.name, trigger, ...facts };
  const deadline = deadlineIn(invocationMs);
  const applied: Change[] = [];
  try {
    const target = {
      ...request,
      foreignRecords: settingValue(settings.foreignRecords),
      policy: spoke.policy ?? settingValue(settings.dnsPolicy),
    };
    const ports = await loadPorts();
    if (target.policy === 'observe')
      return logPlan(await dryRun(target, readOnly(ports), deadline), fields, log);
    const { signals, journal } = ports;
    const outcome = await withConflictSignal(ports, fields, log, () =>
      reconcile(target, ports, deadline, (change) => applied.push(change)),
    );
    logOutcome(outcome, trigger, fields, log);
    if (isRepair(outcome.result)) journal.recordRepair(trigger, spoke.key);
    // What was requeued or refused is not right yet.
    if (isRepair(outcome.result) || outcome.result === 'nothingToDo') journal.recordReconciled(group.key);
    const conflicts = outcome.blocked.map((blocked) => conflictSignal(group, blocked));
    if (conflicts.length > 0) await signals.publish(conflicts);
    await journal.flush();
  } catch (error) {
    // A conflict at the PTR, say, fails an invocation that has put A right.
    const changes = applied.map(describeChange);
    countOutcome(logFailure('dns reconciling', error, { ...fields, changes }, log));
    throw error;
  }
}

/** A conflict fails the invocation, so its signal is sent again with the event, whatever becomes of it here. */
async function withConflictSignal(
  { signals, journal }: ReconcileReportPorts,
  fields: LogFields,
  log: Log,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OwnershipConflictError) {
      const { contender, blocked, owner } = error;
      countConflict();
      journal.recordConflict(contender.key, {
        recordSet: recordSetId(blocked.recordSet.key),
        owner: owner.key,
      });
      await signals
        .publish([conflictSignal(contender, blocked)])
        .catch((failure: unknown) => void logFailure('conflict signal', failure, fields, log));
      await journal.flush();
    }
    throw error;
  }
}

const readOnly = ({ containerGroups, recordSets, clock }: ReconcilePorts): DryRunPorts => ({
  containerGroups,
  recordSets: { read: (key, deadline) => recordSets.read(key, deadline) },
  clock,
});

/** What the policy `observe` leaves undone. */
function logPlan({ changes, blocked, unread }: DryRun, fields: LogFields, log: Log): void {
  countOutcome('planned');
  log.info('dns planned', {
    ...fields,
    changes: changes.map(describeChange),
    blocked: blocked.map(({ reason, recordSet }) => `${reason} ${recordSetId(recordSet.key)}`),
    unread: unread.map(({ key }) => recordSetId(key)),
  });
}

function logOutcome(outcome: Outcome, trigger: Trigger, fields: LogFields, log: Log): void {
  const { result, changes, blocked, attempts, uncoveredAddress, unusableName, lacksRecheck, dueInMs } =
    outcome;
  if (unusableName !== undefined) {
    log.error('container group name is no DNS label', { ...fields, hostName: unusableName });
  }
  for (const { reason, recordSet } of blocked) {
    log.warn('record set left alone', { ...fields, reason, recordSet: recordSetId(recordSet.key) });
  }
  if (uncoveredAddress !== undefined) {
    log.warn('address outside every reverse zone', { ...fields, address: uncoveredAddress });
  }
  if (lacksRecheck) {
    log.warn('re-check not queued', { ...fields, detail: 'no DEFERRAL or AzureWebJobsStorage is set' });
  }
  countOutcome(result);
  if (isRepair(result)) {
    countRepair(result, trigger);
    const { lagMs } = fields;
    if (typeof lagMs === 'number') measureLag(lagMs, result, trigger);
  }
  const due = dueInMs === undefined ? {} : { dueInMs };
  const uncovered = uncoveredAddress === undefined ? {} : { uncoveredAddress };
  const facts = { ...fields, result, changes: changes.map(describeChange), attempts, ...uncovered, ...due };
  log.info('dns reconciled', facts);
}
