import type { TokenCredential } from '@azure/core-auth';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { Exporters } from './exporters.ts';

export function azureMonitorExporters(
  connectionString: string,
  credential: TokenCredential | undefined,
): Exporters {
  const options = { connectionString, ...(credential === undefined ? {} : { credential }) };
  return { spans: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}
