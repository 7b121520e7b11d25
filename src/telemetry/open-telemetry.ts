import type { TokenCredential } from '@azure/core-auth';
import { useInstrumenter } from '@azure/core-tracing';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { azureSdkSpans } from './azure-sdk-spans.ts';
import type { TelemetryTarget } from './target.ts';

export interface Telemetry {
  /** Sends the remaining spans and metrics. */
  shutdown(): Promise<void>;
}

/** Registers the providers that the OpenTelemetry API and the Azure SDKs hand their spans and metrics to. */
export async function startOpenTelemetry(
  target: TelemetryTarget,
  version: string,
  credential: () => Promise<TokenCredential>,
): Promise<Telemetry> {
  const exporters = await exportersFor(target, credential);
  const resource = resourceFromAttributes({
    'service.name': process.env['OTEL_SERVICE_NAME'] ?? process.env['WEBSITE_SITE_NAME'] ?? 'evenkeel',
    'service.version': version,
  });
  const tracers = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporters.spans)],
  });
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: exporters.metrics })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  useInstrumenter(azureSdkSpans);
  return { shutdown: async () => void (await Promise.allSettled([tracers.shutdown(), meters.shutdown()])) };
}

interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}

/** Loads only the exporters that the target needs. */
async function exportersFor(
  target: TelemetryTarget,
  credential: () => Promise<TokenCredential>,
): Promise<Exporters> {
  if (target.kind === 'azureMonitor') {
    const { azureMonitorExporters } = await import('./azure-monitor-exporters.ts');
    const sender = target.withIdentity ? await credential() : undefined;
    return azureMonitorExporters(target.connectionString, sender);
  }
  const { otlpExporters } = await import('./otlp-exporters.ts');
  return otlpExporters(target.endpoint);
}
