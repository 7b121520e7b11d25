import * as v from 'valibot';
import type { ForeignRecords } from './dns/plan.ts';
import { type DnsPolicy, dnsPolicies } from './dns/policy.ts';
import { parseZoneMap, type ZoneMap } from './dns/zone-map.ts';
import { maxReviews, parseRaiseRule, type RaiseRule, raiseRuleExpected } from './registries/registry.ts';
import { parseRegistries, type Registries } from './registries/settings.ts';
import { type Cloud, clouds, isCloudName } from './settings/cloud.ts';
import { type Endpoint, parseEndpoint } from './settings/endpoint.ts';
import { parseJsonSetting } from './settings/json-setting.ts';
import { unresolvedReference } from './settings/key-vault-reference.ts';
import { duration, oneOf, parsed, trueOrFalse, wholeNumber } from './settings/parsers.ts';
import {
  badSetting,
  describeSettingIssues,
  type Environment,
  goodSetting,
  readText,
  type Setting,
  SettingError,
  textOf,
} from './settings/setting.ts';
import { type NamedConnection, parseStorage } from './settings/storage-connection.ts';
import { parseTelemetryTarget, type TelemetryTarget } from './telemetry/target.ts';

/** Every app setting that the functions read, parsed once; each is good or bad on its own. */
export interface Config {
  readonly cloud: Setting<Cloud>;
  readonly armEndpoint: Setting<Endpoint>;
  /** An entry that is wrong leaves the setting good; see {@link ZoneMap.problems}. */
  readonly zoneMap: Setting<ZoneMap>;
  readonly foreignRecords: Setting<ForeignRecords>;
  /** For the spokes that have no policy of their own. */
  readonly dnsPolicy: Setting<DnsPolicy>;
  /** Queue storage for what has to wait; `undefined` without any storage. */
  readonly deferral: NamedConnection | undefined;
  /** Storage for the audit's reports; `undefined` without any storage. */
  readonly reports: NamedConnection | undefined;
  readonly auditSchedule: Schedule;
  /** Where the audit looks for resource groups; `undefined`: wherever the identity can. */
  readonly auditSubscriptions: Setting<readonly string[] | undefined>;
  /** The custom topic for outgoing events; `undefined`: they are logged only. */
  readonly signalTopic: Setting<Endpoint | undefined>;
  /** Where drift observations go; `undefined`: they are logged only. */
  readonly logsIngestion: Setting<LogsIngestion | undefined>;
  /** Where traces and metrics go; `undefined`: nowhere. */
  readonly telemetry: Setting<TelemetryTarget | undefined>;
  /** An entry that is wrong leaves the setting good; see {@link Registries.problems}. */
  readonly registries: Setting<Registries>;
  /** `undefined`: webhooks are taken without one, on a developer's machine only. */
  readonly webhookSecret: Setting<string | undefined>;
  /** Table storage for the replication ledger and the reviews; `undefined` without any storage. */
  readonly state: NamedConnection | undefined;
  /** How long finished images are remembered. */
  readonly ledgerRetentionMs: Setting<number>;
  readonly reviewSchedule: Schedule;
  /** For the registries that have no rule of their own, as {@link reviewClear}. */
  readonly reviewRaise: Setting<RaiseRule>;
  /** So many good reviews in a row clear a flag. */
  readonly reviewClear: Setting<number>;
  /** `flag` only reports; `enforce` changes routing too. */
  readonly routingMode: Setting<'flag' | 'enforce'>;
  /** No second change of a replica within this time. */
  readonly routingHoldDownMs: Setting<number>;
  /** Of one registry. */
  readonly routingChangesPerHour: Setting<number>;
  /** `false`: a replica that evenkeel switched off stays off. */
  readonly routingReenable: Setting<boolean>;
  /** So many reversals by another writer, and evenkeel leaves the replica alone. */
  readonly routingContestLimit: Setting<number>;
}

/** When a timer fires. */
interface Schedule {
  /** What the trigger is bound to: a schedule, or the `%SETTING%` that the host replaces by one. */
  readonly binding: string;
  /** The schedule itself. */
  readonly text: string;
  /** Why the setting has no schedule at all; whether it is a good one is found out when it is read. */
  readonly error: SettingError | undefined;
}

/** A data collection rule that takes rows. */
export interface LogsIngestion {
  readonly endpoint: Endpoint;
  /** The rule's immutable id. */
  readonly ruleId: string;
  readonly stream: string;
}

/** The one reader of the environment. */
export function parseConfig(env: Environment): Config {
  const cloud = parseCloud(env);
  const cloudOrPublic = cloud.ok ? cloud.value : clouds.AzurePublicCloud;
  return {
    cloud,
    armEndpoint: parseEndpoint('ARM_ENDPOINT', textOf(env, 'ARM_ENDPOINT') ?? cloudOrPublic.armEndpoint),
    zoneMap: parseZoneMap(env['DNS_ZONE_MAP']),
    foreignRecords: oneOf(env, 'DNS_FOREIGN_RECORDS', ['overwrite', 'refuse']),
    dnsPolicy: oneOf(env, 'DNS_POLICY', dnsPolicies),
    deferral: parseStorage(env, ['DEFERRAL', 'AzureWebJobsStorage'], 'queue', cloudOrPublic.storageSuffix),
    reports: parseStorage(env, ['AzureWebJobsStorage'], 'blob', cloudOrPublic.storageSuffix),
    auditSchedule: schedule(env, 'AUDIT_SCHEDULE', '0 */15 * * * *'),
    auditSubscriptions: parseAuditSubscriptions(textOf(env, 'AUDIT_SUBSCRIPTIONS')),
    signalTopic: optionalEndpoint(env, 'SIGNAL_TOPIC__topicEndpointUri'),
    logsIngestion: parseLogsIngestion(env),
    telemetry: parseTelemetryTarget(env),
    registries: parseRegistries(env['REGISTRIES']),
    webhookSecret: parseWebhookSecret(env),
    state: parseStorage(env, ['STATE', 'AzureWebJobsStorage'], 'table', cloudOrPublic.storageSuffix),
    ledgerRetentionMs: duration(env, 'LEDGER_RETENTION', 'P30D'),
    reviewSchedule: schedule(env, 'REVIEW_SCHEDULE', '0 */1 * * * *'),
    reviewRaise: parsed(env, 'REVIEW_RAISE', '3/5', parseRaiseRule, raiseRuleExpected),
    reviewClear: wholeNumber(env, 'REVIEW_CLEAR', { min: 1, max: maxReviews, unset: 5 }),
    routingMode: oneOf(env, 'ROUTING_MODE', ['flag', 'enforce']),
    routingHoldDownMs: duration(env, 'ROUTING_HOLD_DOWN', 'PT10M'),
    routingChangesPerHour: wholeNumber(env, 'ROUTING_CHANGES_PER_HOUR', { min: 0, max: 100, unset: 2 }),
    routingReenable: trueOrFalse(env, 'ROUTING_REENABLE', true),
    routingContestLimit: wholeNumber(env, 'ROUTING_CONTEST_LIMIT', { min: 1, max: 100, unset: 3 }),
  };
}

/** What is wrong with the settings, each named once. */
export function configErrors(config: Config): SettingError[] {
  const { deferral, reports, state, auditSchedule, reviewSchedule, ...settings } = config;
  const connections = [deferral, reports, state].flatMap((named) => named?.connection ?? []);
  const errors = [...Object.values(settings), ...connections].flatMap((setting) =>
    setting.ok ? [] : [setting.error],
  );
  const schedules = [auditSchedule, reviewSchedule].flatMap(({ error }) => error ?? []);
  const entries = [config.zoneMap, config.registries].flatMap((setting) =>
    setting.ok ? setting.value.problems : [],
  );
  const all = [...errors, ...schedules, ...entries.map((problem) => new SettingError(problem))];
  return [...new Map(all.map((error) => [error.message, error])).values()];
}

/** The host replaces `%SETTING%` by the setting's text. */
const schedule = (env: Environment, name: string, unset: string): Schedule => {
  const text = textOf(env, name);
  if (text === undefined) return { binding: unset, text: unset, error: undefined };
  const unresolved = unresolvedReference(name, text);
  return {
    binding: `%${name}%`,
    text,
    error: unresolved === undefined ? undefined : new SettingError(unresolved),
  };
};

/** What the platform sets, of which a developer's machine has none. */
const azureOnly = ['WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID'];

function parseWebhookSecret(env: Environment): Setting<string | undefined> {
  const secret = readText(env, 'REGISTRY_WEBHOOK_SECRET');
  if (
    !secret.ok ||
    secret.value !== undefined ||
    azureOnly.every((name) => textOf(env, name) === undefined)
  ) {
    return secret;
  }
  return badSetting(
    'REGISTRY_WEBHOOK_SECRET: expected the text that webhooks send in their header x-evenkeel-secret, found nothing',
  );
}

function parseCloud(env: Environment): Setting<Cloud> {
  const read = readText(env, 'AZURE_CLOUD');
  if (!read.ok) return read;
  const name = read.value ?? 'AzurePublicCloud';
  if (isCloudName(name)) return goodSetting(clouds[name]);
  return badSetting(
    `AZURE_CLOUD: expected one of ${Object.keys(clouds).join(', ')}, found ${JSON.stringify(name)}`,
  );
}

function parseAuditSubscriptions(text: string | undefined): Setting<readonly string[] | undefined> {
  if (text === undefined) return goodSetting(undefined);
  const read = parseJsonSetting('AUDIT_SUBSCRIPTIONS', text, '[]', 'a JSON array of subscription ids');
  if (!read.ok) return read;
  const ids = v.array(
    v.pipe(
      v.string(),
      v.check((id) => id !== '', 'expected a subscription id'),
    ),
  );
  const list = v.safeParse(ids, read.value.value);
  if (list.success) return goodSetting(list.output);
  return badSetting(describeSettingIssues('AUDIT_SUBSCRIPTIONS', list.issues));
}

function optionalEndpoint(env: Environment, name: string): Setting<Endpoint | undefined> {
  const text = textOf(env, name);
  return text === undefined ? goodSetting(undefined) : parseEndpoint(name, text);
}

/** All three settings or none. */
function parseLogsIngestion(env: Environment): Setting<LogsIngestion | undefined> {
  const endpoint = optionalEndpoint(env, 'LOGS_INGESTION_ENDPOINT');
  if (!endpoint.ok) return endpoint;
  const rule = readText(env, 'LOGS_INGESTION_RULE_ID');
  if (!rule.ok) return rule;
  const ruleStream = readText(env, 'LOGS_INGESTION_STREAM');
  if (!ruleStream.ok) return ruleStream;
  const ruleId = rule.value;
  const stream = ruleStream.value;
  if (endpoint.value !== undefined && ruleId !== undefined && stream !== undefined) {
    return goodSetting({ endpoint: endpoint.value, ruleId, stream });
  }
  if (endpoint.value === undefined && ruleId === undefined && stream === undefined)
    return goodSetting(undefined);
  return badSetting(
    'LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID, LOGS_INGESTION_STREAM: expected all three or none, found some',
  );
}
