import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Endpoint } from '../settings/endpoint.ts';
import type { Exporters } from './exporters.ts';

export const otlpExporters = ({ url }: Endpoint): Exporters => ({
  spans: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
  metrics: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
});
