import * as v from 'valibot';
import { parseDurationMs } from '../duration.ts';
import { type Endpoint, parseEndpoint } from '../settings/endpoint.ts';
import { badSetting, describeIssues, goodSetting, pathText, type Setting } from '../settings/setting.ts';
import { maxReviews, parseRaiseRule, raiseRuleExpected } from './raise-rule.ts';
import { parseRegion, type Region } from './region.ts';
import type { Registry } from './registry.ts';
import { parseRegistryId } from './registry-id.ts';

/** Text that `parse` understands; `expected` says what that is. */
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

const registryId = textAs(
  (id) => parseRegistryId(id) && id,
  'the ARM id of a container registry, /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/…',
);

const region = textAs(parseRegion, 'an Azure region such as westus');

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
    // How long a copy of a large image may well take.
    'PT10M',
  ),
  probe: v.optional(v.boolean(), true),
  // So that one more loss is no outage. Of a registry with two replicas, none is switched off unless this is 1.
  minimumRoutable: v.optional(wholeNumber(1, 100), 2),
  endpoints: v.optional(v.record(region, v.string()), {}),
  policy: v.optional(v.array(rule), []),
  review: v.optional(
    v.strictObject({
      raise: v.exactOptional(textAs(parseRaiseRule, raiseRuleExpected)),
      clear: v.exactOptional(wholeNumber(1, maxReviews)),
    }),
    {},
  ),
});

/** @param at where the entry is, as an error names it: `REGISTRIES[0]`. */
export function parseRegistryEntry(value: unknown, at: string): Setting<Registry> {
  const parsed = v.safeParse(entrySchema, value);
  if (!parsed.success) return badSetting(describeIssues(at, parsed.issues));
  const { id, regions, replicationSlo, probe, minimumRoutable, policy, review } = parsed.output;
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
