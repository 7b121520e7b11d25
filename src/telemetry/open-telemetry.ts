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
import { inTime, isLate } from '../lib/async.ts';
import { UncertainCallError } from '../lib/errors.ts';
import { azureSdkSpans } from './azure-sdk-spans.ts';
import type { TelemetryTarget } from './target.ts';

export interface Telemetry {
  /**
   * Sends the remaining spans and metrics.
   * @throws {UncertainCallError} when nobody has taken them after 4 s.
   */
  shutdown(): Promise<void>;
}

/** The Functions host kills a process that has not ended 5 s after it was told to. */
const shutdownMs = 4_000;

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
  return {
    async shutdown() {
      const [scope, setting] = placeOf(target);
      try {
        await inTime(shutdownMs, () => Promise.allSettled([tracers.shutdown(), meters.shutdown()]));
      } catch (error) {
        if (!isLate(error)) throw error;
        const detail = `no answer in time; check ${setting}`;
        throw new UncertainCallError('send the last telemetry', scope, detail, { cause: error });
      }
    },
  };
}

/** Where telemetry goes, and the setting that says so. */
const placeOf = (target: TelemetryTarget) =>
  target.kind === 'otlp'
    ? ([target.endpoint.url, 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const)
    : (['Azure Monitor', 'APPLICATIONINSIGHTS_CONNECTION_STRING'] as const);

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
