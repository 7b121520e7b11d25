import type { TokenCredential } from '@azure/core-auth';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';

/** @param credential `undefined` when the key in the connection string is enough. */
export function azureMonitorExporters(connectionString: string, credential: TokenCredential | undefined) {
  const options = { connectionString, ...(credential === undefined ? {} : { credential }) };
  return { spans: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}
