import { describe, expect, it } from 'vitest';
import { parseTelemetryTarget } from '../../src/telemetry/target.ts';
import { messageOf } from '../support/bad-setting.ts';

const connectionString =
  'InstrumentationKey=11111111-1111-4111-8111-111111111111;IngestionEndpoint=https://x.in.applicationinsights.azure.com/';

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

  it.each([
    ['hunter2', 'APPLICATIONINSIGHTS_CONNECTION_STRING: expected InstrumentationKey=…'],
    [
      'InstrumentationKey=hunter2',
      'APPLICATIONINSIGHTS_CONNECTION_STRING (InstrumentationKey): expected a GUID',
    ],
    [
      `${connectionString.split(';')[0]};IngestionEndpoint=http://collector`,
      'APPLICATIONINSIGHTS_CONNECTION_STRING (ingestionendpoint): expected https',
    ],
    [
      `${connectionString.split(';')[0]};LiveEndpoint=hunter2=;`,
      'APPLICATIONINSIGHTS_CONNECTION_STRING (liveendpoint): expected an https URL',
    ],
  ])('names what is wrong with the connection string %s, and does not repeat it', (text, problem) => {
    const message = messageOf(parseTelemetryTarget({ APPLICATIONINSIGHTS_CONNECTION_STRING: text }));
    expect(message).toContain(problem);
    expect(message).not.toContain('hunter2');
  });

  it('refuses plain http beyond loopback', () => {
    expect(parseTelemetryTarget({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).ok).toBe(false);
  });
});
