import { auditedZones } from '../../../src/dns/audit/zones.ts';
import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import { normalizedName } from '../../../src/dns/names.ts';
import type { DnsPolicy } from '../../../src/dns/policy.ts';
import { fullName, zoneId } from '../../../src/dns/record-set.ts';
import { subscriptionId } from '../fixtures.ts';
import { nameOf } from './describe.ts';
import { idOf, liveOf, settingsOf } from './perform.ts';
import { policyOf, type Wanted, wantedBy } from './places.ts';
import { labelOf, type Scenario } from './scenario.ts';
import type { State, Stored } from './state.ts';
import { swept } from './sweep.ts';

/** The platform, the map and the other writer have made all their changes. */
export const isSettled = (state: State, scenario: Scenario): boolean =>
  state.changed === scenario.changes.length &&
  state.mapped === scenario.mapChanges.length &&
  state.otherWritten === scenario.otherWrites.length;

/** Everything around the invocations has happened, and none is under way. */
export const isResting = (state: State, scenario: Scenario): boolean =>
  state.running.length === 0 && isSettled(state, scenario);

/** Everything has happened, and every event was answered with success; with a silent reverse zone, A is right. */
export function isQuiet(state: State, scenario: Scenario): boolean {
  if (!isResting(state, scenario)) return false;
  if (scenario.isReverseSilent) return wrongA(state, scenario) === undefined;
  if (state.due.length > 0 || state.queued.length > 0 || state.left.sweeps > 0) return false;
  return !state.sweepsAtRest || !takesAway(state, scenario) || swept(state, scenario).length === 0;
}

/** Whether what the audit finds is repaired in the end, by the policy of the spoke that may differ from the others. */
const takesAway = (state: State, scenario: Scenario): boolean => lastPolicy(state, scenario) === 'sync';

const lastPolicy = (state: State, scenario: Scenario): DnsPolicy => {
  const [group] = scenario.groups;
  return group === undefined ? 'sync' : policyOf(group, settingsOf(scenario, state));
};

/** What is wrong with the record sets of a quiet state, if anything. */
export function wrongAtTheEnd(state: State, scenario: Scenario): string | undefined {
  const policy = lastPolicy(state, scenario);
  if (scenario.isReverseSilent || policy === 'observe') return undefined;
  const wrong = wrongA(state, scenario) ?? wrongPtr(state, scenario, policy === 'sync');
  return wrong ?? (policy === 'sync' ? unwanted(state, scenario) : undefined);
}

interface Wish extends Wanted {
  readonly group: ContainerGroupId;
  readonly address: string;
}

/** What the groups that live want. At the end of a scenario no two of them want the same. */
function wishes(state: State, scenario: Scenario): Wish[] {
  const { zones } = settingsOf(scenario, state);
  return scenario.groups.flatMap((group) => {
    const live = liveOf(scenario, state, group.key);
    const spoke = zones.spokeOf(group);
    if (live === undefined || live.isOptedOut === true || spoke === undefined) return [];
    return [{ ...wantedBy(group, live, spoke), group, address: live.address }];
  });
}

function wrongA(state: State, scenario: Scenario): string | undefined {
  for (const { a, address } of wishes(state, scenario)) {
    const values = state.sets.byId.get(idOf(a))?.content.values;
    if (String(values) !== address) return `${nameOf(a)} is ${values ?? 'absent'}, not ${address}`;
  }
  return undefined;
}

/** @param standsAlone whether the names of others have to go */
function wrongPtr(state: State, scenario: Scenario, standsAlone: boolean): string | undefined {
  for (const { ptr, host } of wishes(state, scenario)) {
    if (ptr === undefined) continue;
    const names = state.sets.byId.get(idOf(ptr))?.content.values ?? [];
    const isThere = names.some((name) => normalizedName(name) === host);
    if (!isThere || (standsAlone && names.length !== 1))
      return `${nameOf(ptr)} is ${names.join(' ') || 'absent'}, not ${host}`;
  }
  return undefined;
}

/** In the zones of the map, whose every record of ours has to be one that its owner wants. */
function unwanted(state: State, scenario: Scenario): string | undefined {
  const { zones } = settingsOf(scenario, state);
  const onTheMap = new Set(auditedZones(zones, [subscriptionId]).map(({ zone }) => zoneId(zone)));
  const wanted = wishes(state, scenario);
  const hosts = hostsOf(scenario);
  for (const { key, content } of state.sets.byId.values()) {
    if (!onTheMap.has(zoneId(key.zone))) continue;
    const id = idOf(key);
    const owner = ownerOf({ content }, scenario);
    if (owner !== undefined && zones.spokeOf(owner) === undefined) continue;
    const wish = wanted.find(({ a, ptr }) => idOf(a) === id || (ptr !== undefined && idOf(ptr) === id));
    const stale = content.values.map(normalizedName).find((name) => hosts.has(name) && name !== wish?.host);
    if (key.type === 'PTR' && stale !== undefined)
      return `${nameOf(key)} names ${stale}, which is elsewhere or gone`;
    if (owner !== undefined && wish?.group.key !== owner.key)
      return `${nameOf(key)} carries the mark of ${labelOf(owner)}, which does not want it`;
    if (key.type === 'A' && wish === undefined && hosts.has(fullName(key)))
      return `nobody wants ${nameOf(key)}, which is there`;
  }
  return undefined;
}

const ownerOf = (
  { content }: Pick<Stored, 'content'>,
  { groups }: Scenario,
): ContainerGroupId | undefined => {
  const mark = content.metadata['evenkeelOwner'];
  return mark === undefined ? undefined : groups.find(({ key }) => key === mark);
};

const hostsByScenario = new WeakMap<Scenario, ReadonlySet<string>>();

/** Every host name that a group of a scenario has at any time, under any of its settings. */
function hostsOf(scenario: Scenario): ReadonlySet<string> {
  const known = hostsByScenario.get(scenario);
  if (known !== undefined) return known;
  const hosts = new Set<string>();
  for (let mapped = 0; mapped <= scenario.mapChanges.length; mapped++)
    for (const group of scenario.groups)
      for (let changed = 0; changed <= scenario.changes.length; changed++) {
        const spoke = settingsOf(scenario, { mapped }).zones.spokeOf(group);
        const live = liveOf(scenario, { changed }, group.key);
        if (spoke !== undefined && live !== undefined) hosts.add(wantedBy(group, live, spoke).host);
      }
  hostsByScenario.set(scenario, hosts);
  return hosts;
}

/** Whether a policy was broken, or an A record set points at an address that its group has never had so far. */
export function wrongOnTheWay(state: State, scenario: Scenario): string | undefined {
  if (state.forbidden !== undefined) return state.forbidden;
  for (const { key, content } of state.sets.byId.values()) {
    if (key.type !== 'A') continue;
    const group = ownerOf({ content }, scenario);
    if (group === undefined) continue;
    for (const value of content.values) {
      const isKnown =
        scenario.otherWrites.some((other) => other.kind === 'put' && other.set.values.includes(value)) ||
        scenario.begin.get(group.key)?.address === value ||
        scenario.changes
          .slice(0, state.changed)
          .some((change) => change.group === group && change.address === value);
      if (!isKnown) return `${nameOf(key)} points at ${value}, which ${labelOf(group)} never had`;
    }
  }
  return undefined;
}
