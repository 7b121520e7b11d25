import { describe, expect, it } from 'vitest';
import { parseTelemetryTarget } from '../../src/telemetry/target.ts';

const connectionString =
  'InstrumentationKey=11111111-2222;IngestionEndpoint=https://x.in.applicationinsights.azure.com/';

describe('parseTelemetryTarget', () => {
  it('is nowhere when nothing is set', () => {
    expect(parseTelemetryTarget({})).toEqual({ ok: true, value: undefined });
  });

  it.each([
    [undefined, false],
    ['Authorization=AAD;ClientId=1', true],
  ])(
    'is Azure Monitor with a connection string; with %s the identity sends: %s',
    (authentication, withIdentity) => {
      const env = {
        APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication,
      };
      expect(parseTelemetryTarget(env)).toEqual({
        ok: true,
        value: { kind: 'azureMonitor', connectionString, withIdentity },
      });
    },
  );

  it('is a collector when one is named, even beside Azure Monitor', () => {
    const env = {
      APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/',
    };
    expect(parseTelemetryTarget(env)).toMatchObject({
      value: { kind: 'otlp', endpoint: { url: 'http://127.0.0.1:4318' } },
    });
  });

  it('does not repeat a bad connection string in its error', () => {
    const parsed = parseTelemetryTarget({ APPLICATIONINSIGHTS_CONNECTION_STRING: 'hunter2' });
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed, ['error', 'message'])).not.toContain('hunter2');
  });

  it('refuses plain http beyond loopback', () => {
    expect(parseTelemetryTarget({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).ok).toBe(false);
  });
});
