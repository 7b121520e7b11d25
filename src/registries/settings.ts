import * as v from 'valibot';
import { type Endpoint, parseEndpoint } from '../settings/endpoint.ts';
import { parseJsonSetting, repeatedKeyProblem } from '../settings/json-setting.ts';
import { parseDurationMs } from '../settings/parsers.ts';
import {
  badSetting,
  describeSettingIssues,
  foundText,
  goodSetting,
  pathText,
  type Setting,
} from '../settings/setting.ts';
import { normalHost } from './host.ts';
import type { Identity } from './identify.ts';
import {
  maxReviews,
  parseImageReference,
  parseRaiseRule,
  parseRegistryId,
  type Registry,
  raiseRuleExpected,
  registryKey,
} from './registry.ts';
import { parseRegion, type Region } from './replica.ts';

/** The parsed setting `REGISTRIES`. A bad entry does not affect the others. */
export interface Registries {
  /** The registries whose entries are good. */
  readonly all: readonly Registry[];
  /** The problems of the bad entries; each sentence names its entry. */
  readonly problems: readonly string[];
  /** Every entry, good or bad, so that what is meant for a bad one is not taken for a registry that nobody watches. */
  readonly entries: readonly RegistryEntry[];
}

/** What identifies an entry, as far as it can be read, and the entry itself. */
export interface RegistryEntry extends Omit<Identity, 'loginServer'> {
  readonly registry: Setting<Registry>;
}

/** @param text the text of `REGISTRIES`; `undefined` means no registry. */
export function parseRegistries(text: string | undefined): Setting<Registries> {
  const json = parseJsonSetting('REGISTRIES', text, '[]');
  if (!json.ok) return json;
  const { value: list, repeated } = json.value;
  if (!Array.isArray(list)) {
    return badSetting(`REGISTRIES: expected an array, found ${foundText(list)}`);
  }
  const values: readonly unknown[] = list;
  const entries = values.map((value, index): RegistryEntry => {
    const hidden = repeated.filter(([first]) => first === index);
    const registry =
      hidden.length === 0
        ? parseRegistryEntry(value, `REGISTRIES[${index}]`)
        : badSetting(hidden.map((path) => repeatedKeyProblem('REGISTRIES', path)).join('; '));
    return { ...identityIn(value), registry };
  });
  return goodSetting(registriesOf(withoutTwins(entries)));
}

const registriesOf = (entries: readonly RegistryEntry[]): Registries => ({
  all: entries.flatMap(({ registry }) => (registry.ok ? [registry.value] : [])),
  problems: entries.flatMap(({ registry }) => (registry.ok ? [] : [registry.error.message])),
  entries,
});

/**
 * Replaces both of two entries for one registry, or with one host, by an error, because nobody can know which one was
 * meant. Two entries may well have the same name.
 */
function withoutTwins(entries: readonly RegistryEntry[]): RegistryEntry[] {
  return entries.map((entry, index) => {
    const { id, name, hosts } = entry;
    const others = entries.map((other, at) => ({ other, at })).filter(({ at }) => at !== index);
    const twin = others.find(({ other }) => id !== undefined && other.id === id);
    const shared = others.flatMap(({ other, at }) =>
      other.hosts.filter((host) => hosts.includes(host)).map((host) => ({ host, at })),
    )[0];
    const problem =
      twin !== undefined
        ? `id: found the registry ${name}, which is that of REGISTRIES[${twin.at}] too, expected each registry once`
        : shared &&
          `hosts: found the host ${shared.host}, which is one of REGISTRIES[${shared.at}] too, expected each host once`;
    if (problem === undefined) return entry;
    return { ...entry, registry: badSetting(`REGISTRIES[${index}].${problem}`) };
  });
}

const identitySchema = v.object({
  id: v.fallback(v.string(), ''),
  hosts: v.fallback(v.array(v.string()), []),
});

function identityIn(entry: unknown): Omit<Identity, 'loginServer'> {
  const parsed = v.safeParse(identitySchema, entry);
  const { id, hosts } = parsed.success ? parsed.output : { id: '', hosts: [] };
  const registryId = parseRegistryId(id);
  return {
    id: registryId && registryKey(id),
    name: registryId?.name,
    hosts: hosts.map(normalHost),
  };
}

/** Text that `parse` accepts; `expected` describes it for the error. */
const textAs = <T>(parse: (text: string) => T | undefined, expected: string) =>
  v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: `expected ${expected}` });
      return NEVER;
    }),
  );

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= min && value <= max,
      `expected a whole number from ${min} to ${max}`,
    ),
  );

/** An empty array would pass for an object without keys. */
const noArray = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), 'expected an object'),
);

const registryId = textAs(
  (id) => parseRegistryId(id) && id,
  'the ARM id of a container registry, /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/…',
);

const region = textAs(parseRegion, 'an Azure region such as westus');

const hostPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const host = textAs((text) => {
  const name = normalHost(text);
  return name.length <= 253 && hostPattern.test(name) ? name : undefined;
}, 'a host name such as images.contoso.com');

const instant = v.pipe(
  v.string(),
  v.isoTimestamp('expected a time with its zone such as 2026-12-01T00:00:00Z'),
  v.transform((text) => new Date(text)),
);

const rule = v.variant('routing', [
  v.strictObject({ region, routing: v.literal('never') }),
  v.pipe(
    v.strictObject({ region, routing: v.literal('off'), from: instant, to: instant }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { from, to } = dataset.value;
      if (from < to) return;
      const received = `from ${from.toISOString()} to ${to.toISOString()}`;
      addIssue({ received, message: 'expected a window that begins before it ends' });
    }),
  ),
]);

const entrySchema = v.strictObject({
  id: registryId,
  regions: v.optional(
    v.lazy((value) =>
      Array.isArray(value) ? v.pipe(v.array(region), v.minLength(1, 'expected a region')) : v.literal('all'),
    ),
    'all',
  ),
  replicationSlo: v.optional(
    textAs(parseDurationMs, 'a positive ISO 8601 duration such as PT10M'),
    // The copy of a large image may take that long.
    'PT10M',
  ),
  probe: v.optional(v.union([v.boolean(), v.literal('pull')]), true),
  probeImage: v.exactOptional(
    textAs(parseImageReference, 'an image such as team/app:v1 or team/app@sha256:…, without the registry'),
  ),
  hosts: v.optional(v.array(host), []),
  // With two, one more loss is no outage. A registry with two replicas keeps both unless this is 1.
  minimumRoutable: v.optional(wholeNumber(1, 100), 2),
  endpoints: v.optional(v.pipe(noArray, v.record(region, v.string())), {}),
  policy: v.optional(v.array(rule), []),
  review: v.optional(
    v.pipe(
      noArray,
      v.strictObject({
        raise: v.exactOptional(textAs(parseRaiseRule, raiseRuleExpected)),
        clear: v.exactOptional(wholeNumber(1, maxReviews)),
      }),
    ),
    {},
  ),
});

/** @param at the entry's place, as an error names it: `REGISTRIES[0]`. */
function parseRegistryEntry(value: unknown, at: string): Setting<Registry> {
  const parsed = v.safeParse(entrySchema, value);
  if (!parsed.success) return badSetting(describeSettingIssues(at, parsed.issues));
  const { id, regions, replicationSlo, probe, probeImage, hosts, minimumRoutable, policy, review } =
    parsed.output;
  const registryId = parseRegistryId(id);
  if (registryId === undefined) return badSetting(`${at}.id: expected the ARM id of a container registry`);
  const endpoints = parseEndpoints(parsed.output.endpoints, `${at}.endpoints`);
  if (!endpoints.ok) return endpoints;
  return goodSetting({
    ...registryId,
    id,
    regions: regions === 'all' ? regions : [...new Set(regions)],
    replicationSloMs: replicationSlo,
    probe,
    probeImage,
    hosts: [...new Set(hosts)],
    minimumRoutable,
    endpoints: endpoints.value,
    policy,
    review,
  });
}

function parseEndpoints(
  urls: Readonly<Record<Region, string>>,
  at: string,
): Setting<ReadonlyMap<Region, Endpoint>> {
  const endpoints = new Map<Region, Endpoint>();
  const problems: string[] = [];
  for (const [name, url] of Object.entries(urls)) {
    const endpoint = parseEndpoint(at + pathText([name]), url);
    if (endpoint.ok) endpoints.set(name, endpoint.value);
    else problems.push(endpoint.error.message);
  }
  return problems.length === 0 ? goodSetting(endpoints) : badSetting(problems.join('; '));
}
