import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Endpoint } from '../settings/endpoint.ts';

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp */
export const otlpExporters = ({ url }: Endpoint) => ({
  spans: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
  metrics: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
});
