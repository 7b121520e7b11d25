import * as v from 'valibot';
import { type JsonValue, parseJsonSetting, repeatedKeyProblem } from '../settings/json-setting.ts';
import {
  badSetting,
  describeSettingIssues,
  foundText,
  goodSetting,
  pathText,
  type Setting,
  settingValue,
} from '../settings/setting.ts';
import type { ContainerGroupId } from './container-group.ts';
import { isZoneName, normalizedName, relativeReverseName, reverseZoneProblem } from './names.ts';
import { type DnsPolicy, dnsPolicies } from './policy.ts';
import type { ZoneId } from './record-set.ts';

/** Where the records of one container group belong. */
export interface Spoke {
  /** The zone map's key that matched, as it was written. */
  readonly key: string;
  readonly forwardZone: ZoneId;
  /** The longest, that is the most specific, first. */
  readonly reverseZones: readonly ZoneId[];
  readonly ttlSeconds: number;
  /** As the setting `DNS_POLICY`, for this spoke; `undefined`: the setting decides. */
  readonly policy: DnsPolicy | undefined;
  /** The container group tag whose value is the host name; without the tag, the group's name is. */
  readonly hostNameTag: string | undefined;
}

/** The setting `DNS_ZONE_MAP`, ready to be asked. An entry that is wrong stands in nobody else's way. */
export interface ZoneMap {
  /**
   * `subscriptionId/resourceGroup` wins over `resourceGroup`; `undefined` when neither is a key.
   * @throws {SettingError} when the entry of the key is wrong.
   */
  spokeOf(group: GroupPlace): Spoke | undefined;
  /** Whether {@link spokeOf} throws: the group has an entry, and where its records belong is not known. */
  hasBadEntry(group: GroupPlace): boolean;
  /** The keys whose entries are good, as places. */
  readonly places: readonly MappedPlace[];
  /** What is wrong with the others, each a sentence that names the entry. */
  readonly problems: readonly string[];
}

type GroupPlace = Pick<ContainerGroupId, 'subscriptionId' | 'resourceGroup'>;

/** A resource group that the zone map names, in one subscription or in whichever has it. */
export interface MappedPlace {
  /** The key as it was written. */
  readonly key: string;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string;
}

const maxTtlSeconds = 2_147_483_647;
const text = v.pipe(v.string(), v.regex(/^[^/\s]+$/, 'expected a name without slashes or spaces'));

const zoneName = v.pipe(
  v.string(),
  v.transform(normalizedName),
  v.check(
    isZoneName,
    'expected the name of a private DNS zone, of 2 to 34 labels and at most 253 characters, such as spoke-a.internal.contoso.com',
  ),
);

const reverseZoneName = v.pipe(
  v.string(),
  v.transform(normalizedName),
  v.check(
    (name) => reverseZoneProblem(name) === undefined,
    (issue) => reverseZoneProblem(String(issue.input)) ?? '',
  ),
);

const entrySchema = v.strictObject({
  forwardZone: zoneName,
  reverseZones: v.optional(v.array(reverseZoneName), []),
  zoneSubscriptionId: v.optional(text),
  zoneResourceGroup: v.optional(text),
  ttl: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (ttl) => Number.isInteger(ttl) && ttl >= 1 && ttl <= maxTtlSeconds,
        `expected whole seconds from 1 to ${maxTtlSeconds}`,
      ),
    ),
    60,
  ),
  policy: v.optional(v.picklist(dnsPolicies)),
  hostNameTag: v.optional(
    // https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
    v.pipe(v.string(), v.regex(/^[^<>%&\\?/]{1,512}$/, 'expected the name of a tag')),
  ),
});

type EntryValues = v.InferOutput<typeof entrySchema>;

interface Entry {
  /** As it was written. */
  readonly key: string;
  readonly values: Setting<EntryValues>;
}

/** @param json the text of `DNS_ZONE_MAP`; unset means an empty map. */
export function parseZoneMap(json: string | undefined): Setting<ZoneMap> {
  const read = parseJsonSetting('DNS_ZONE_MAP', json, '{}');
  if (!read.ok) return read;
  const { value, repeated } = read.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return badSetting(`DNS_ZONE_MAP: expected an object, found ${foundText(value)}`);
  }
  const written = Map.groupBy(Object.entries(value), ([key]) => key.toLowerCase());
  const entries = new Map<string, Entry>();
  for (const [key, [first, ...twins]] of written) {
    if (first === undefined) continue;
    const spellings = [first, ...twins].map(([spelling]) => spelling);
    entries.set(key, { key: first[0], values: parseEntry(spellings, first[1], repeated) });
  }
  return goodSetting(zoneMapOf(entries));
}

function zoneMapOf(entries: ReadonlyMap<string, Entry>): ZoneMap {
  const all = [...entries.values()];
  return {
    spokeOf: (group) => {
      const entry = entryOf(entries, group);
      return entry && spokeOf(entry.key, settingValue(entry.values), group);
    },
    hasBadEntry: (group) => entryOf(entries, group)?.values.ok === false,
    places: all.filter(({ values }) => values.ok).map(({ key }) => placeOf(key)),
    problems: all.flatMap(({ values }) => (values.ok ? [] : [values.error.message])),
  };
}

const keyPattern = /^[^/\s]+(?:\/[^/\s]+)?$/;

/** @param spellings of its key; which of several entries was meant is not known, so none of them is used. */
function parseEntry(
  spellings: readonly string[],
  value: unknown,
  repeated: JsonValue['repeated'],
): Setting<EntryValues> {
  const [key = '', twin] = spellings;
  const hidden = repeated.filter(([first]) => first === key);
  const isTwice = hidden.some((path) => path.length === 1);
  if (twin !== undefined || isTwice) {
    const found = twin === undefined ? 'the key more than once' : `the same key as "${key}"`;
    return badSetting(
      `DNS_ZONE_MAP["${twin ?? key}"]: found ${found}, expected each resource group once (casing does not count)`,
    );
  }
  const at = `DNS_ZONE_MAP${pathText([key])}`;
  const parsed = v.safeParse(entrySchema, value);
  const problems = [
    ...(keyPattern.test(key)
      ? []
      : [`${at}: found "${key}", expected a resource group, or subscriptionId/resourceGroup`]),
    ...hidden.map((path) => repeatedKeyProblem('DNS_ZONE_MAP', path)),
    ...(parsed.success ? [] : [describeSettingIssues(at, parsed.issues)]),
  ];
  return parsed.success && problems.length === 0
    ? goodSetting(parsed.output)
    : badSetting(problems.join('; '));
}

function placeOf(key: string): MappedPlace {
  const slash = key.indexOf('/');
  return slash === -1
    ? { key, subscriptionId: undefined, resourceGroup: key }
    : { key, subscriptionId: key.slice(0, slash), resourceGroup: key.slice(slash + 1) };
}

function entryOf(entries: ReadonlyMap<string, Entry>, group: GroupPlace): Entry | undefined {
  const resourceGroup = group.resourceGroup.toLowerCase();
  return entries.get(`${group.subscriptionId.toLowerCase()}/${resourceGroup}`) ?? entries.get(resourceGroup);
}

function spokeOf(key: string, entry: EntryValues, group: GroupPlace): Spoke {
  const zone = (name: string): ZoneId => ({
    subscriptionId: entry.zoneSubscriptionId ?? group.subscriptionId,
    resourceGroup: entry.zoneResourceGroup ?? group.resourceGroup,
    name,
  });
  return {
    key,
    forwardZone: zone(entry.forwardZone),
    reverseZones: entry.reverseZones.toSorted((a, b) => b.length - a.length).map(zone),
    ttlSeconds: entry.ttl,
    policy: entry.policy,
    hostNameTag: entry.hostNameTag,
  };
}

/** How far evenkeel may go with the records of a group: the setting decides where no entry does, or a wrong one. */
export const policyFor = (zones: ZoneMap, group: GroupPlace, setting: DnsPolicy): DnsPolicy =>
  (zones.hasBadEntry(group) ? undefined : zones.spokeOf(group)?.policy) ?? setting;

/** The most specific of a spoke's reverse zones that covers the address, and the address's name in it. */
export function reverseRecordOf(spoke: Spoke, address: string): { zone: ZoneId; name: string } | undefined {
  for (const zone of spoke.reverseZones) {
    const name = relativeReverseName(address, zone.name);
    if (name !== undefined) return { zone, name };
  }
  return undefined;
}
