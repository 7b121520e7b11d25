import * as v from 'valibot';
import { parseJsonSetting } from '../settings/parsers.ts';
import { badSetting, describeSettingIssues, goodSetting, type Setting } from '../settings/setting.ts';
import type { ContainerGroupId } from './container-group.ts';
import { isDnsLabel, normalizedName, relativeReverseName, reverseZoneProblem } from './names.ts';
import type { ZoneId } from './record-set.ts';

/** Where the records of one container group belong. */
export interface Spoke {
  /** The zone map's key that matched, as it was written. */
  readonly key: string;
  readonly forwardZone: ZoneId;
  /** The longest, that is the most specific, first. */
  readonly reverseZones: readonly ZoneId[];
  readonly ttlSeconds: number;
}

/** The setting `DNS_ZONE_MAP`, ready to be asked. */
export interface ZoneMap {
  /** `subscriptionId/resourceGroup` wins over `resourceGroup`; `undefined` when neither is a key. */
  spokeOf(group: GroupPlace): Spoke | undefined;
  /** Its keys, as places. */
  readonly places: readonly MappedPlace[];
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
    (name) => name.split('.').length >= 2 && name.split('.').every((label) => isDnsLabel(label)),
    'expected the name of a private DNS zone, of at least two labels, such as spoke-a.internal.contoso.com',
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
});

const zoneMapSchema = v.record(
  v.pipe(
    v.string(),
    v.regex(/^[^/\s]+(?:\/[^/\s]+)?$/, 'expected a resource group, or subscriptionId/resourceGroup'),
  ),
  entrySchema,
);

type Entry = v.InferOutput<typeof entrySchema> & { readonly key: string };

/** @param json the text of `DNS_ZONE_MAP`; unset means an empty map. */
export function parseZoneMap(json: string | undefined): Setting<ZoneMap> {
  const read = parseJsonSetting('DNS_ZONE_MAP', json, '{}');
  if (!read.ok) return read;
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return badSetting(
      `DNS_ZONE_MAP: expected an object, found ${Array.isArray(value) ? 'an array' : String(value)}`,
    );
  }
  const parsed = v.safeParse(zoneMapSchema, value);
  if (!parsed.success) return badSetting(describeSettingIssues('DNS_ZONE_MAP', parsed.issues));

  const entries = new Map<string, Entry>();
  for (const [key, entry] of Object.entries(parsed.output)) {
    const twin = entries.get(key.toLowerCase());
    if (twin !== undefined) {
      return badSetting(
        `DNS_ZONE_MAP["${key}"]: found the same key as "${twin.key}", expected each resource group once (casing does not count)`,
      );
    }
    entries.set(key.toLowerCase(), { ...entry, key });
  }
  const places = [...entries.values()].map(({ key }) => placeOf(key));
  return goodSetting({ spokeOf: (group) => spokeOf(entries, group), places });
}

function placeOf(key: string): MappedPlace {
  const slash = key.indexOf('/');
  return slash < 0
    ? { key, subscriptionId: undefined, resourceGroup: key }
    : { key, subscriptionId: key.slice(0, slash), resourceGroup: key.slice(slash + 1) };
}

function spokeOf(entries: ReadonlyMap<string, Entry>, group: GroupPlace): Spoke | undefined {
  const resourceGroup = group.resourceGroup.toLowerCase();
  const entry =
    entries.get(`${group.subscriptionId.toLowerCase()}/${resourceGroup}`) ?? entries.get(resourceGroup);
  if (entry === undefined) return undefined;
  const zone = (name: string): ZoneId => ({
    subscriptionId: entry.zoneSubscriptionId ?? group.subscriptionId,
    resourceGroup: entry.zoneResourceGroup ?? group.resourceGroup,
    name,
  });
  return {
    key: entry.key,
    forwardZone: zone(entry.forwardZone),
    reverseZones: entry.reverseZones.toSorted((a, b) => b.length - a.length).map(zone),
    ttlSeconds: entry.ttl,
  };
}

/** The most specific of a spoke's reverse zones that covers the address, and the address's name in it. */
export function reverseRecordOf(spoke: Spoke, address: string): { zone: ZoneId; name: string } | undefined {
  for (const zone of spoke.reverseZones) {
    const name = relativeReverseName(address, zone.name);
    if (name !== undefined) return { zone, name };
  }
  return undefined;
}
