import { type Endpoint, parseEndpoint } from '../settings/endpoint.ts';
import { badSetting, type Environment, goodSetting, readText, type Setting } from '../settings/setting.ts';
import { connectionStringValues } from '../settings/storage-connection.ts';

/** The destination of traces and metrics. */
export type TelemetryTarget =
  /** https://learn.microsoft.com/azure/azure-monitor/app/connection-strings */
  | {
      readonly kind: 'azureMonitor';
      readonly connectionString: string;
      /** Whether the app's identity signs in. Where local authentication is off, a key alone is not enough. */
      readonly withIdentity: boolean;
    }
  /** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
  | { readonly kind: 'otlp'; readonly endpoint: Endpoint };

/** @returns `undefined` when telemetry is off; its SDK is then not loaded. */
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
  const problem = connectionStringProblem(connectionString);
  if (problem !== undefined) return badSetting(problem);
  // https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string
  const authentication = readText(env, 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING');
  if (!authentication.ok) return authentication;
  const withIdentity = /Authorization=AAD/i.test(authentication.value ?? '');
  return goodSetting({ kind: 'azureMonitor', connectionString, withIdentity });
}

const setting = 'APPLICATIONINSIGHTS_CONNECTION_STRING';
/** What the exporter takes for a key. */
const keyPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The text works as a key, so no problem repeats it. */
function connectionStringProblem(text: string): string | undefined {
  const values = connectionStringValues(text);
  const key = values.get('instrumentationkey');
  if (key === undefined)
    return `${setting}: expected InstrumentationKey=…;IngestionEndpoint=…, found text that is none`;
  if (!keyPattern.test(key))
    return `${setting} (InstrumentationKey): expected a GUID in lower case, found text that is none`;
  for (const [name, value] of values) {
    if (!name.endsWith('endpoint') || value === '') continue;
    const endpoint = parseEndpoint(`${setting} (${name})`, value);
    if (!endpoint.ok) return endpoint.error.message;
  }
  return undefined;
}
