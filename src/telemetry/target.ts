import { type Endpoint, parseEndpoint } from '../settings/endpoint.ts';
import { badSetting, type Environment, goodSetting, readText, type Setting } from '../settings/setting.ts';

/** Where traces and metrics go. */
export type TelemetryTarget =
  /** https://learn.microsoft.com/azure/azure-monitor/app/connection-strings */
  | {
      readonly kind: 'azureMonitor';
      readonly connectionString: string;
      /** Sends with the app's identity: where local authentication is off, a key alone opens nothing. */
      readonly withIdentity: boolean;
    }
  /** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
  | { readonly kind: 'otlp'; readonly endpoint: Endpoint };

/** @returns `undefined` when telemetry goes nowhere, and nothing of it is loaded. */
export function parseTelemetryTarget(env: Environment): Setting<TelemetryTarget | undefined> {
  const otlp = readText(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (!otlp.ok) return otlp;
  if (otlp.value !== undefined) {
    const endpoint = parseEndpoint('OTEL_EXPORTER_OTLP_ENDPOINT', otlp.value);
    return endpoint.ok ? goodSetting({ kind: 'otlp', endpoint: endpoint.value }) : endpoint;
  }
  const read = readText(env, 'APPLICATIONINSIGHTS_CONNECTION_STRING');
  if (!read.ok) return read;
  const connectionString = read.value;
  if (connectionString === undefined) return goodSetting(undefined);
  // The text itself is a kind of key, so it is not repeated.
  if (!/(^|;)\s*InstrumentationKey=/i.test(connectionString)) {
    return badSetting(
      'APPLICATIONINSIGHTS_CONNECTION_STRING: expected InstrumentationKey=…;IngestionEndpoint=…, found text that is none',
    );
  }
  // https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string
  const authentication = readText(env, 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING');
  if (!authentication.ok) return authentication;
  const withIdentity = /Authorization=AAD/i.test(authentication.value ?? '');
  return goodSetting({ kind: 'azureMonitor', connectionString, withIdentity });
}
