import type { TokenCredential } from '@azure/core-auth';
import { LogsIngestionClient } from '@azure/monitor-ingestion';
import type { LogsIngestion } from '../config.ts';
import type { DriftLog, DriftRow } from '../dns/ports.ts';
import { adaptPipeline, credentialOf } from './arm/client.ts';
import { callWithin } from './call-within.ts';

const uploadTimeoutMs = 10_000;

/**
 * Sends drift observations to Log Analytics through a data collection rule.
 * https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
 *
 * @param credential `undefined` on loopback http.
 */
export function driftLog(
  { endpoint, ruleId, stream }: LogsIngestion,
  credential: TokenCredential | undefined,
  audience: string,
): DriftLog {
  const client = new LogsIngestionClient(endpoint.url, credentialOf({ credential }), {
    allowInsecureConnection: credential === undefined,
    audience,
  });
  adaptPipeline(client, { credential });
  return {
    write: (row: DriftRow) =>
      callWithin(
        uploadTimeoutMs,
        {
          operation: 'upload an observation',
          scope: `the data collection rule ${ruleId}`,
          advice: 'check LOGS_INGESTION_ENDPOINT',
        },
        (abortSignal) => client.upload(ruleId, stream, [{ ...row }], { abortSignal }),
      ),
  };
}
