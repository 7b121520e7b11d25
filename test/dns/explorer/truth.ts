import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import { normalizedName, reverseName } from '../../../src/dns/names.ts';
import { fullName } from '../../../src/dns/record-set.ts';
import { aKey, hostOf, ptrKey } from '../fixtures.ts';
import { addressOf, idOf } from './perform.ts';
import type { Scenario } from './scenario.ts';
import type { State } from './state.ts';

/** Everything has happened, and every event was answered with success. */
export const isQuiet = (state: State, scenario: Scenario): boolean =>
  state.running.length === 0 &&
  state.due.length === 0 &&
  state.queued.length === 0 &&
  state.changed === scenario.changes.length &&
  state.otherWritten === scenario.otherWrites.length &&
  state.isAudited;

/** What is wrong with the record sets of a quiet state, if anything. */
export function wrongAtTheEnd(state: State, scenario: Scenario): string | undefined {
  for (const group of scenario.groups) {
    const address = addressOf(scenario, state.changed, group.key);
    const a = state.sets.byId.get(idOf(aKey(group)))?.content;
    const host = hostOf(group);
    if (address === undefined) {
      if (a !== undefined) return `${group.name} is gone and has an A record set`;
    } else {
      if (String(a?.values) !== address) return `A ${host} is ${a?.values ?? 'absent'}, not ${address}`;
      const names = state.sets.byId.get(idOf(ptrKey(address)))?.content.values ?? [];
      if (names.length !== 1 || normalizedName(names[0] ?? '') !== host)
        return `the PTR of ${address} is ${names.join(' ') || 'absent'}, not ${host}`;
    }
    for (const { key, content } of state.sets.byId.values()) {
      const isOwn = address !== undefined && fullName(key) === reverseName(address);
      if (key.type === 'PTR' && !isOwn && content.values.some((name) => normalizedName(name) === host))
        return `${fullName(key)} names ${host}, which ${address === undefined ? 'is gone' : `is at ${address}`}`;
      if (address === undefined && content.metadata['evenkeelOwner'] === group.key)
        return `${key.type} ${fullName(key)} carries the mark of ${group.name}, which is gone`;
    }
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
      if (!isKnown) return `A ${hostOf(group)} points at ${value}, which ${group.name} never had`;
    }
  }
  return undefined;
}
