import type { StorageQueueHandler } from '@azure/functions';
import type { Config } from '../config.ts';
import type { RequeueQueue } from '../dns/ports.ts';
import { type ReconcileReportPorts, reconcileAndReport } from '../dns/report.ts';
import { parseRequeueMessage, pauseAfterFailure, type RequeueMessage, withFailure } from '../dns/requeue.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError, ThrottledError } from '../lib/errors.ts';
import { failureReason, type Log, type LogFields, lineLog, logFailure } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';

/** What puts a message back. Nothing of it depends on a setting that could be the reason for the failure. */
interface RequeuePorts {
  /** `undefined` where there is no queue. */
  readonly requeueQueue: RequeueQueue | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** A number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

/** Reconciles the container groups that were requeued: after a throttled call, or to check a removal again. */
export function resumeDns(
  config: Config,
  loadPorts: () => Promise<ReconcileReportPorts>,
  requeuePorts: RequeuePorts,
): StorageQueueHandler {
  return async (received, context) => {
    const log = lineLog(context);
    const messageId = context.triggerMetadata?.['id'] ?? null;
    const message = parseRequeueMessage(received);
    if (message === undefined) {
      log.error('queue message malformed', { messageId, reason: 'it names no container group' });
      return;
    }
    try {
      await resume(message, config, { messageId }, loadPorts, log);
    } catch (error) {
      await putBack(message, error, { messageId, containerGroup: message.group.key }, requeuePorts, log);
    }
  };
}

async function resume(
  { group, addresses, recordSets, trigger }: RequeueMessage,
  config: Config,
  facts: LogFields,
  loadPorts: () => Promise<ReconcileReportPorts>,
  log: Log,
): Promise<void> {
  const zones = settingValue(config.zoneMap);
  const spoke = zones.spokeOf(group);
  if (spoke === undefined) {
    log.info('queue message ignored', {
      reason: 'unmappedResourceGroup',
      ...facts,
      containerGroup: group.key,
    });
    return;
  }
  const request = { group, spoke, zones, hints: addresses, recordSets, trigger };
  await reconcileAndReport(request, config, facts, loadPorts, log);
}

/**
 * Puts the message back for later. The host would give it five tries within two minutes, and whatever brought the
 * group to the queue was accepted, so nobody else repeats it.
 *
 * @throws what the group failed on, when it was kept for long enough or there is no queue, and `RequeueError` when the
 * queue does not take it: then the host repeats the message, and sets it aside.
 */
async function putBack(
  message: RequeueMessage,
  error: unknown,
  facts: LogFields,
  { requeueQueue, clock, random }: RequeuePorts,
  log: Log,
): Promise<void> {
  const now = clock.now();
  const failures = withFailure(message.failures, now);
  const retryAfterMs = error instanceof ThrottledError ? error.retryAfterMs : 0;
  const dueInMs = pauseAfterFailure(failures, retryAfterMs, now, random());
  if (requeueQueue === undefined || dueInMs === undefined) throw error;
  try {
    await requeueQueue.requeue({ ...message, failures }, dueInMs);
  } catch (requeueError) {
    logFailure('queue message requeue', requeueError, facts, log);
    throw requeueError;
  }
  log.warn('queue message requeued', {
    ...facts,
    reason: failureReason(error),
    failures: failures.count,
    firstFailedAt: failures.firstAt,
    dueInMs,
    detail: describeError(error),
  });
}
