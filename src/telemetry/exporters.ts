import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

export interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}
