import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import { type ReconcileReportPorts, reconcileAndReport } from '../dns/report.ts';
import { parseRequeueMessage, queueName } from '../dns/requeue.ts';
import { lineLog } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';

/** Takes up what a quota put off, and looks again at what a removal left behind. */
export function bindResumeDns(config: Config, loadPorts: () => Promise<ReconcileReportPorts>): void {
  app.storageQueue('resumeDns', {
    queueName,
    connection: config.deferral?.name ?? 'AzureWebJobsStorage',
    handler: async (message, context) => {
      const log = lineLog(context);
      const deferral = parseRequeueMessage(message);
      const messageId = context.triggerMetadata?.['id'] ?? null;
      if (deferral === undefined) {
        log.error('queue message malformed', { messageId, reason: 'it names no container group' });
        return;
      }
      const { group, addresses, recordSets, trigger } = deferral;
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
