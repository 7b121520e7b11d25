import { type CloudName, clouds, isCloudName } from './azure/cloud.ts';
import type { ForeignRecords } from './dns/plan.ts';
import { parseZoneMap, type ZoneMap } from './dns/zone-map.ts';
import { badSetting, goodSetting, type Setting, type SettingError } from './setting.ts';

/** Every app setting that the functions read, parsed once; each is good or bad on its own. */
export interface Config {
  readonly arm: Setting<ArmConfig>;
  readonly zoneMap: Setting<ZoneMap>;
  readonly foreignRecords: Setting<ForeignRecords>;
}

export interface ArmConfig {
  readonly endpoint: string;
  readonly audience: string;
  /** Where the app's identity signs in; `undefined` on loopback http, where none is used. */
  readonly authorityHost: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The one reader of the environment. */
export const parseConfig = (env: Environment): Config => ({
  arm: parseArm(env),
  zoneMap: parseZoneMap(env['DNS_ZONE_MAP']),
  foreignRecords: oneOf(env, 'DNS_FOREIGN_RECORDS', ['overwrite', 'refuse']),
});

/** What is wrong with the settings, each named once. */
export const configErrors = (config: Config): SettingError[] =>
  [config.arm, config.zoneMap, config.foreignRecords].flatMap((setting) =>
    setting.ok ? [] : [setting.error],
  );

function parseArm(env: Environment): Setting<ArmConfig> {
  const cloudName = textOf(env, 'AZURE_CLOUD') ?? 'AzurePublicCloud';
  if (!isCloudName(cloudName)) {
    return badSetting(`AZURE_CLOUD: expected one of ${namesOf(clouds)}, found ${JSON.stringify(cloudName)}`);
  }
  const cloud = clouds[cloudName satisfies CloudName];
  const endpoint = parseEndpoint('ARM_ENDPOINT', textOf(env, 'ARM_ENDPOINT') ?? cloud.armEndpoint);
  if (!endpoint.ok) return endpoint;
  return goodSetting({
    endpoint: endpoint.value.href.replace(/\/$/, ''),
    audience: cloud.armAudience,
    authorityHost: endpoint.value.protocol === 'https:' ? cloud.authorityHost : undefined,
  });
}

/** https anywhere, plain http on loopback only: there no credential is ever asked for or sent. */
function parseEndpoint(name: string, text: string): Setting<URL> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return badSetting(`${name}: expected an https URL, found ${JSON.stringify(text)}`);
  }
  if (url.username !== '' || url.password !== '') {
    return badSetting(`${name}: expected a URL without credentials, found a URL that carries some`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return badSetting(
      `${name}: expected https (plain http is accepted on loopback only), found ${JSON.stringify(text)}`,
    );
  }
  return goodSetting(url);
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

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

const namesOf = (record: object): string => Object.keys(record).join(', ');
