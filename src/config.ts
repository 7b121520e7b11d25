import * as v from 'valibot';
import { type Cloud, clouds, isCloudName } from './azure/cloud.ts';
import type { ForeignRecords } from './dns/plan.ts';
import { parseZoneMap, type ZoneMap } from './dns/zone-map.ts';
import { parseJson } from './json.ts';
import { badSetting, describeIssues, goodSetting, type Setting, type SettingError } from './setting.ts';
import { type NamedConnection, parseStorage } from './storage-setting.ts';
import { type Endpoint, parseEndpoint } from './url-setting.ts';

/** Every app setting that the functions read, parsed once; each is good or bad on its own. */
export interface Config {
  readonly cloud: Setting<Cloud>;
  readonly armEndpoint: Setting<Endpoint>;
  readonly zoneMap: Setting<ZoneMap>;
  readonly foreignRecords: Setting<ForeignRecords>;
  /** Queue storage for what has to wait; `undefined` without any storage. */
  readonly deferral: NamedConnection | undefined;
  /** Storage for the audit's reports; `undefined` without any storage. */
  readonly reports: NamedConnection | undefined;
  /** A schedule, or the `%SETTING%` that the host replaces by one. */
  readonly auditSchedule: string;
  /** Where the audit looks for resource groups; `undefined`: wherever the identity can. */
  readonly auditSubscriptions: Setting<readonly string[] | undefined>;
  /** The custom topic for outgoing events; `undefined`: they are logged only. */
  readonly signalTopic: Setting<Endpoint | undefined>;
  /** Where drift observations go; `undefined`: they are logged only. */
  readonly logsIngestion: Setting<LogsIngestion | undefined>;
}

/** A data collection rule that takes rows. */
export interface LogsIngestion {
  readonly endpoint: Endpoint;
  /** The rule's immutable id. */
  readonly ruleId: string;
  readonly stream: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The one reader of the environment. */
export function parseConfig(env: Environment): Config {
  const cloud = parseCloud(textOf(env, 'AZURE_CLOUD') ?? 'AzurePublicCloud');
  const cloudOrPublic = cloud.ok ? cloud.value : clouds.AzurePublicCloud;
  return {
    cloud,
    armEndpoint: parseEndpoint('ARM_ENDPOINT', textOf(env, 'ARM_ENDPOINT') ?? cloudOrPublic.armEndpoint),
    zoneMap: parseZoneMap(env['DNS_ZONE_MAP']),
    foreignRecords: oneOf(env, 'DNS_FOREIGN_RECORDS', ['overwrite', 'refuse']),
    deferral: parseStorage(env, ['DEFERRAL', 'AzureWebJobsStorage'], 'queue', cloudOrPublic.storageSuffix),
    reports: parseStorage(env, ['AzureWebJobsStorage'], 'blob', cloudOrPublic.storageSuffix),
    auditSchedule: textOf(env, 'AUDIT_SCHEDULE') === undefined ? '0 */15 * * * *' : '%AUDIT_SCHEDULE%',
    auditSubscriptions: parseAuditSubscriptions(textOf(env, 'AUDIT_SUBSCRIPTIONS')),
    signalTopic: optionalEndpoint(env, 'SIGNAL_TOPIC__topicEndpointUri'),
    logsIngestion: parseLogsIngestion(env),
  };
}

/** What is wrong with the settings, each named once. */
export function configErrors(config: Config): SettingError[] {
  const { deferral, reports, auditSchedule: _, ...settings } = config;
  const connections = [deferral, reports].flatMap((named) => named?.connection ?? []);
  const errors = [...Object.values(settings), ...connections].flatMap((setting) =>
    setting.ok ? [] : [setting.error],
  );
  return [...new Map(errors.map((error) => [error.message, error])).values()];
}

function parseCloud(name: string): Setting<Cloud> {
  if (isCloudName(name)) return goodSetting(clouds[name]);
  return badSetting(
    `AZURE_CLOUD: expected one of ${Object.keys(clouds).join(', ')}, found ${JSON.stringify(name)}`,
  );
}

function parseAuditSubscriptions(text: string | undefined): Setting<readonly string[] | undefined> {
  if (text === undefined) return goodSetting(undefined);
  const parsed = parseJson(text);
  if (parsed === undefined) {
    return badSetting(
      'AUDIT_SUBSCRIPTIONS: expected a JSON array of subscription ids, found text that is not JSON',
    );
  }
  const list = v.safeParse(
    v.array(
      v.pipe(
        v.string(),
        v.check((id) => id !== '', 'expected a subscription id'),
      ),
    ),
    parsed,
  );
  if (list.success) return goodSetting(list.output);
  return badSetting(describeIssues('AUDIT_SUBSCRIPTIONS', list.issues));
}

function optionalEndpoint(env: Environment, name: string): Setting<Endpoint | undefined> {
  const text = textOf(env, name);
  return text === undefined ? goodSetting(undefined) : parseEndpoint(name, text);
}

/** All three settings or none. */
function parseLogsIngestion(env: Environment): Setting<LogsIngestion | undefined> {
  const endpoint = optionalEndpoint(env, 'LOGS_INGESTION_ENDPOINT');
  if (!endpoint.ok) return endpoint;
  const ruleId = textOf(env, 'LOGS_INGESTION_RULE_ID');
  const stream = textOf(env, 'LOGS_INGESTION_STREAM');
  if (endpoint.value !== undefined && ruleId !== undefined && stream !== undefined) {
    return goodSetting({ endpoint: endpoint.value, ruleId, stream });
  }
  if (endpoint.value === undefined && ruleId === undefined && stream === undefined)
    return goodSetting(undefined);
  return badSetting(
    'LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID, LOGS_INGESTION_STREAM: expected all three or none, found some',
  );
}

function oneOf<const T extends string>(
  env: Environment,
  name: string,
  values: readonly [T, ...T[]],
): Setting<T> {
  const text = textOf(env, name);
  const value = text === undefined ? values[0] : values.find((known) => known === text);
  if (value !== undefined) return goodSetting(value);
  return badSetting(`${name}: expected one of ${values.join(', ')}, found ${JSON.stringify(text)}`);
}

/** An empty setting counts as unset: deployment templates leave empty strings behind. */
function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}
