import * as v from 'valibot';
import type { ForeignRecords } from './dns/plan.ts';
import { type DnsPolicy, dnsPolicies } from './dns/policy.ts';
import { parseZoneMap, type ZoneMap } from './dns/zone-map.ts';
import { maxReviews, parseRaiseRule, type RaiseRule, raiseRuleExpected } from './registries/registry.ts';
import { parseRegistries, type Registries } from './registries/settings.ts';
import { type Cloud, clouds, isCloudName } from './settings/cloud.ts';
import { type Endpoint, parseEndpoint } from './settings/endpoint.ts';
import { parseJsonSetting } from './settings/json-setting.ts';
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
import { type NamedConnection, parseStorage, type StorageConnection } from './settings/storage-connection.ts';
import { parseTelemetryTarget, type TelemetryTarget } from './telemetry/target.ts';

/** The app settings of the functions, parsed once. Each one is good or bad on its own. */
export interface Config {
  readonly cloud: Setting<Cloud>;
  readonly armEndpoint: Setting<Endpoint>;
  /** A bad entry leaves the setting good; see {@link ZoneMap.problems}. */
  readonly zoneMap: Setting<ZoneMap>;
  readonly foreignRecords: Setting<ForeignRecords>;
  /** The policy of spokes without one of their own. */
  readonly dnsPolicy: Setting<DnsPolicy>;
  /** Queue storage for requeued container groups; `undefined` when no storage is configured. */
  readonly deferral: NamedConnection | undefined;
  /** Blob storage for the reports of the audit; `undefined` when no storage is configured. */
  readonly reports: NamedConnection | undefined;
  readonly auditSchedule: Schedule;
  /** The subscriptions that the audit sweeps; `undefined`: all that the identity can list. */
  readonly auditSubscriptions: Setting<readonly string[] | undefined>;
  /** The custom topic for signals; `undefined`: they are only logged. */
  readonly signalTopic: Setting<Endpoint | undefined>;
  /** The data collection rule for drift observations; `undefined`: they are only logged. */
  readonly logsIngestion: Setting<LogsIngestion | undefined>;
  /** The destination of traces and metrics; `undefined`: telemetry is off. */
  readonly telemetry: Setting<TelemetryTarget | undefined>;
  /** A bad entry leaves the setting good; see {@link Registries.problems}. */
  readonly registries: Setting<Registries>;
  /** `undefined` on a developer's machine only: webhooks are then accepted without a secret. */
  readonly webhookSecret: Setting<string | undefined>;
  /** Table storage for the replication ledger and the reviews; `undefined` when no storage is configured. */
  readonly state: NamedConnection | undefined;
  /** The time after which finished images are forgotten. */
  readonly ledgerRetentionMs: Setting<number>;
  readonly reviewSchedule: Schedule;
  /** The rule of registries without one of their own. */
  readonly reviewRaise: Setting<RaiseRule>;
  /** The number of good reviews in a row that clear a flag, for registries without a number of their own. */
  readonly reviewClear: Setting<number>;
  /** `flag` only reports; `enforce` changes routing too. */
  readonly routingMode: Setting<'flag' | 'enforce'>;
  /** The shortest time between two changes of a replica. */
  readonly routingHoldDownMs: Setting<number>;
  /** The change budget of each registry. */
  readonly routingChangesPerHour: Setting<number>;
  /** `false`: a replica that evenkeel switched off stays off. */
  readonly routingReenable: Setting<boolean>;
  /** The number of reversals by another writer after which evenkeel leaves the replica alone. */
  readonly routingContestLimit: Setting<number>;
  /** Whether assistants get tools. */
  readonly mcpTools: Setting<'off' | 'on'>;
}

/** The schedule of a timer. */
interface Schedule {
  /** The name of its setting. */
  readonly name: string;
  /** The schedule of the trigger's binding: the default itself, or `%SETTING%`, which the host replaces by its text. */
  readonly binding: string;
  /** The text of the schedule. */
  readonly text: string;
}

/** A data collection rule that accepts rows. */
export interface LogsIngestion {
  readonly endpoint: Endpoint;
  /** The rule's immutable id. */
  readonly ruleId: string;
  readonly stream: string;
}

/** Reads all settings of the functions from the environment. */
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
    mcpTools: oneOf(env, 'MCP_TOOLS', ['off', 'on']),
  };
}

/** Table storage for the replication ledger and the reviews. */
export const stateConnection = ({ state }: Pick<Config, 'state'>): Setting<StorageConnection> =>
  state?.connection ??
  badSetting(
    'STATE: expected table storage for the replication ledger, found neither it nor AzureWebJobsStorage',
  );

/** The errors of all settings, each once; those of schedules are {@link scheduleErrors}. */
export function configErrors(config: Config): SettingError[] {
  const { deferral, reports, state, auditSchedule: _, reviewSchedule: __, ...settings } = config;
  const connections = [deferral, reports, state].flatMap((named) => named?.connection ?? []);
  const errors = [...Object.values(settings), ...connections].flatMap((setting) =>
    setting.ok ? [] : [setting.error],
  );
  const entries = [config.zoneMap, config.registries].flatMap((setting) =>
    setting.ok ? setting.value.problems : [],
  );
  const all = [...errors, ...entries.map((problem) => new SettingError(problem))];
  return [...new Map(all.map((error) => [error.message, error])).values()];
}

/** The errors of the app, which needs more than a command on one's own machine: registries need table storage. */
export function appErrors(config: Config): SettingError[] {
  const { registries, state } = config;
  const lacksState = state === undefined && registries.ok && registries.value.all.length > 0;
  const missing = stateConnection(config);
  return [...configErrors(config), ...(lacksState && !missing.ok ? [missing.error] : [])];
}

type Schedules = Pick<Config, 'auditSchedule' | 'reviewSchedule'>;

export async function scheduleErrors({ auditSchedule, reviewSchedule }: Schedules): Promise<SettingError[]> {
  const errors = await Promise.all([auditSchedule, reviewSchedule].map(scheduleErrorOf));
  return errors.flatMap((error) => error ?? []);
}

/** Names a day that no year has. */
const neverRuns = '0 0 0 30 2 *';

/**
 * The schedules as timers are bound to them. The host leaves out a function whose schedule it cannot read, so that nobody
 * could run it by hand either: it gets one that never runs.
 */
export async function boundSchedules({ auditSchedule, reviewSchedule }: Schedules): Promise<Schedules> {
  const bound = async (one: Schedule): Promise<Schedule> =>
    (await scheduleErrorOf(one)) === undefined ? one : { ...one, binding: neverRuns };
  return { auditSchedule: await bound(auditSchedule), reviewSchedule: await bound(reviewSchedule) };
}

/** What reads a schedule is loaded only where one is set, because the app starts without it. */
async function scheduleErrorOf({ name, text, binding }: Schedule): Promise<SettingError | undefined> {
  if (binding === text) return undefined;
  const { scheduleError } = await import('./settings/schedule.ts');
  return scheduleError(name, text);
}

const schedule = (env: Environment, name: string, unset: string): Schedule => {
  const text = textOf(env, name);
  return text === undefined ? { name, binding: unset, text: unset } : { name, binding: `%${name}%`, text };
};

/** Variables that the platform sets, and a developer's machine does not. */
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

/** Requires all three settings or none. */
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
