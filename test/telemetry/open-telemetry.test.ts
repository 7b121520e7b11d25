import { AppStartContext, AppTerminateContext, app, Disposable } from '@azure/functions';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { traceInvocations } from '../../src/telemetry/invocations.ts';
import { startOpenTelemetry } from '../../src/telemetry/open-telemetry.ts';
import type { TelemetryTarget } from '../../src/telemetry/target.ts';
import { everyHang, type HangingServer, hangingServer, mutePort } from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

simulateTime();
afterEach(() => {
  for (const api of [trace, metrics, context, propagation]) api.disable();
});

const noCredential = () => Promise.reject(new Error('nobody asks for it'));

/** Has something to send, and ends. */
async function endOf(target: TelemetryTarget, { held }: HangingServer) {
  const { shutdown } = await startOpenTelemetry(target, '1.0.0', noCredential);
  trace.getTracer('test').startSpan('a span').end();
  metrics.getMeter('test').createCounter('a metric').add(1);
  const [end] = await endings([{ work: shutdown(), held }]);
  return end;
}

it.each(everyHang)('the end of telemetry takes 4 s at the most, when %s', async (hang) => {
  await using server = await hangingServer(hang);
  const { url } = server;
  expect(await endOf({ kind: 'otlp', endpoint: { url, isInsecure: true } }, server)).toEqual({
    afterMs: 4_000,
    outcome: `UncertainCallError: send the last telemetry on ${url} did not succeed: no answer in time; check OTEL_EXPORTER_OTLP_ENDPOINT`,
  });
});

it('the end of telemetry to Azure Monitor takes 4 s at the most, when no TLS handshake ends', async () => {
  await using server = await mutePort();
  const connectionString = `InstrumentationKey=11111111-1111-4111-8111-111111111111;IngestionEndpoint=${server.url}`;
  const target = { kind: 'azureMonitor', connectionString, withIdentity: false } as const;
  expect(await endOf(target, server)).toEqual({
    afterMs: 4_000,
    outcome:
      'UncertainCallError: send the last telemetry on Azure Monitor did not succeed: no answer in time; check APPLICATIONINSIGHTS_CONNECTION_STRING',
  });
});

it('what is not sent at the end of the app is told, and the app ends', async () => {
  let end: () => unknown = () => {};
  vi.spyOn(app.hook, 'preInvocation').mockReturnValue(new Disposable(() => {}));
  vi.spyOn(app.hook, 'appStart').mockImplementation((start) => {
    start(new AppStartContext({}));
    return new Disposable(() => {});
  });
  vi.spyOn(app.hook, 'appTerminate').mockImplementation((terminate) => {
    end = () => terminate(new AppTerminateContext({}));
    return new Disposable(() => {});
  });
  const failures: unknown[] = [];
  const failure = new Error('nobody took it');
  const start = async () => ({ shutdown: () => Promise.reject(failure) });
  traceInvocations(start, (error) => failures.push(error));
  await end();
  expect(failures).toEqual([failure]);
});
