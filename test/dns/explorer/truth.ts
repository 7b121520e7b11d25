import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import { normalizedName, reverseName } from '../../../src/dns/names.ts';
import { fullName } from '../../../src/dns/record-set.ts';
import { ptrKey } from '../fixtures.ts';
import { addressOf, idOf } from './perform.ts';
import { aKey, hostOf } from './places.ts';
import { labelOf, type Scenario } from './scenario.ts';
import type { State } from './state.ts';

/** Everything around the invocations has happened, and none is under way. */
export const isResting = (state: State, scenario: Scenario): boolean =>
  state.running.length === 0 &&
  state.changed === scenario.changes.length &&
  state.otherWritten === scenario.otherWrites.length;

/** Everything has happened, and every event was answered with success; with a silent reverse zone, A is right. */
export function isQuiet(state: State, scenario: Scenario): boolean {
  if (!isResting(state, scenario)) return false;
  if (scenario.isReverseSilent)
    return hosts(scenario).every((groups) => wrongA(groups, state, scenario) === undefined);
  return state.due.length === 0 && state.queued.length === 0 && state.isAudited;
}

/** What is wrong with the record sets of a quiet state, if anything. */
export function wrongAtTheEnd(state: State, scenario: Scenario): string | undefined {
  if (scenario.isReverseSilent) return undefined;
  for (const groups of hosts(scenario)) {
    const wrong = wrongA(groups, state, scenario) ?? wrongPtr(groups, state, scenario);
    if (wrong !== undefined) return wrong;
  }
  for (const { key, content } of state.sets.byId.values()) {
    const owner = scenario.groups.find((group) => group.key === content.metadata['evenkeelOwner']);
    if (owner !== undefined && addressOf(scenario, state.changed, owner.key) === undefined)
      return `${key.type} ${fullName(key)} carries the mark of ${labelOf(owner)}, which is gone`;
  }
  return undefined;
}

/** The groups that share a host name. At the end of a scenario at most one of them lives. */
type Namesakes = readonly [ContainerGroupId, ...ContainerGroupId[]];

function hosts({ groups }: Scenario): Namesakes[] {
  const byHost = new Map<string, Namesakes>();
  for (const group of groups) {
    const others = byHost.get(hostOf(group));
    byHost.set(hostOf(group), others === undefined ? [group] : [...others, group]);
  }
  return [...byHost.values()];
}

function liveAddress(groups: Namesakes, { changed }: State, scenario: Scenario): string | undefined {
  return groups.flatMap(({ key }) => addressOf(scenario, changed, key) ?? [])[0];
}

/** A group that is gone may keep its A record set only as long as its PTR record sets cannot be read. */
function wrongA(groups: Namesakes, state: State, scenario: Scenario): string | undefined {
  const address = liveAddress(groups, state, scenario);
  const host = hostOf(groups[0]);
  const values = state.sets.byId.get(idOf(aKey(groups[0])))?.content.values;
  if (address !== undefined)
    return String(values) === address ? undefined : `A ${host} is ${values ?? 'absent'}, not ${address}`;
  return values === undefined || scenario.isReverseSilent
    ? undefined
    : `${host} is gone and has an A record set`;
}

function wrongPtr(groups: Namesakes, state: State, scenario: Scenario): string | undefined {
  const address = liveAddress(groups, state, scenario);
  const host = hostOf(groups[0]);
  if (address !== undefined) {
    const names = state.sets.byId.get(idOf(ptrKey(address)))?.content.values ?? [];
    if (names.length !== 1 || normalizedName(names[0] ?? '') !== host)
      return `the PTR of ${address} is ${names.join(' ') || 'absent'}, not ${host}`;
  }
  for (const { key, content } of state.sets.byId.values()) {
    const isOwn = address !== undefined && fullName(key) === reverseName(address);
    if (key.type === 'PTR' && !isOwn && content.values.some((name) => normalizedName(name) === host))
      return `${fullName(key)} names ${host}, which ${address === undefined ? 'is gone' : `is at ${address}`}`;
  }
  return undefined;
}

const idsOfA = new Map<string, string>();

/** Asked of every state, so it is made once. */
function idOfA(group: ContainerGroupId): string {
  const id = idsOfA.get(group.key) ?? idOf(aKey(group));
  idsOfA.set(group.key, id);
  return id;
}

/** Whether an A record set points at an address that its group has never had so far. */
export function wrongOnTheWay(state: State, scenario: Scenario): string | undefined {
  for (const group of scenario.groups) {
    const a = state.sets.byId.get(idOfA(group))?.content;
    if (a === undefined || a.metadata['evenkeelOwner'] !== group.key) continue;
    for (const value of a.values) {
      const isKnown =
        scenario.otherWrites.some((other) => other.kind === 'put' && other.set.values.includes(value)) ||
        scenario.addresses.get(group.key) === value ||
        scenario.changes
          .slice(0, state.changed)
          .some((change) => change.group === group && change.address === value);
      if (!isKnown) return `A ${hostOf(group)} points at ${value}, which ${labelOf(group)} never had`;
    }
  }
  return undefined;
}
