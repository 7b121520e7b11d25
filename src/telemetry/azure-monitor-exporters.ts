import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { Exporters } from './exporters.ts';

export const azureMonitorExporters = (connectionString: string): Exporters => ({
  spans: new AzureMonitorTraceExporter({ connectionString }),
  metrics: new AzureMonitorMetricExporter({ connectionString }),
});
