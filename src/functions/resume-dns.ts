import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import { type ReconcileReportPorts, reconcileAndReport } from '../dns/report.ts';
import { parseRequeueMessage, queueName } from '../dns/requeue.ts';
import { lineLog } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';

/** Reconciles the container groups that were requeued: after a throttled call, or to check a removal again. */
export function bindResumeDns(config: Config, loadPorts: () => Promise<ReconcileReportPorts>): void {
  app.storageQueue('resumeDns', {
    queueName,
    connection: config.deferral?.name ?? 'AzureWebJobsStorage',
    handler: async (message, context) => {
      const log = lineLog(context);
      const requeued = parseRequeueMessage(message);
      const messageId = context.triggerMetadata?.['id'] ?? null;
      if (requeued === undefined) {
        log.error('queue message malformed', { messageId, reason: 'it names no container group' });
        return;
      }
      const { group, addresses, recordSets, trigger } = requeued;
      const zones = settingValue(config.zoneMap);
      const spoke = zones.spokeOf(group);
      if (spoke === undefined) {
        const facts = { reason: 'unmappedResourceGroup', messageId, containerGroup: group.key };
        log.info('queue message ignored', facts);
        return;
      }
      const request = { group, spoke, zones, hints: addresses, recordSets, trigger };
      await reconcileAndReport(request, config, { messageId }, loadPorts, log);
    },
  });
}
