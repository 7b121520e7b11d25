import { type Check, type Finding, Skip } from '../check.ts';
import { type Made, readMade, type Unread } from '../made.ts';
import { type EntryNeeds, isNeeded } from '../needed-by-entry.ts';
import { differsFromApp } from './settings.ts';

interface LeftoverFacts {
  /** What evenkeel made for this app, wherever that could be read. */
  readonly made: readonly Made[];
  readonly unread: readonly Unread[];
  readonly needs: EntryNeeds;
}

/** Nothing is left of a spoke or registry that was taken out of the settings. */
export const leftoversCheck: Check<LeftoverFacts> = {
  name: 'leftovers',
  title: 'Left of former entries',
  async read({ config, app, principal, places, status, arm, deadline }) {
    const { zoneMap, registries } = config;
    if (!zoneMap.ok || !registries.ok) return new Skip('DNS_ZONE_MAP or REGISTRIES is wrong');
    // With the settings of another app, everything of this one would look left over.
    if (differsFromApp(config, await status())) return new Skip("the settings here are not the app's");
    const { found, missing, subscriptions } = await places();
    const own = app.appId?.split('/')[2];
    const named = [
      ...subscriptions,
      ...registries.value.all.map(({ subscriptionId }) => subscriptionId),
      ...(own === undefined ? [] : [own]),
    ];
    const needs: EntryNeeds = {
      zoneMap: zoneMap.value,
      registryIds: registries.value.all.map(({ id }) => id),
      spokes: found.map(({ spoke }) => spoke),
      areSpokesWhole: missing.length === 0 && zoneMap.value.problems.length === 0,
    };
    const isFollowed = (id: string): boolean => isNeeded(id, needs) === true;
    const access = { app, principal, arm: await arm(), deadline, isFollowed };
    return { ...(await readMade(named, access)), needs };
  },
  evaluate({ made, unread, needs }) {
    return [
      ...made.flatMap((one) => evaluateMade(one, isNeeded(one.about, needs))),
      ...unread.map(
        ({ what, reason, isNamed }): Finding => ({
          severity: isNamed ? 'warning' : 'note',
          what: `whether anything is left among ${what} is not known: ${reason}`,
          why: 'what could not be read is not taken for nothing',
          fix: 'run evenkeel doctor as somebody who may read it',
        }),
      ),
    ];
  },
};

const nouns: Readonly<Record<Made['kind'], string>> = {
  eventSubscription: 'the event subscription',
  webhook: 'the registry webhook',
  roleAssignment: 'the assignment of the role',
};

const reasons: Readonly<Record<Made['kind'], string>> = {
  eventSubscription: 'each event costs a delivery and an invocation that ignores it',
  webhook: 'each of its calls is refused, and it holds a key of the app and the secret',
  roleAssignment: 'the app may still read or change what it no longer looks after',
};

function evaluateMade({ kind, id, name, about }: Made, needed: boolean | undefined): Finding[] {
  if (needed === true) return [];
  const what = `${nouns[kind]} ${name} on ${about}`;
  if (needed === undefined) {
    return [
      {
        severity: 'note',
        what: `whether an entry needs ${what} is not known`,
        why: 'an entry of DNS_ZONE_MAP is wrong, or its resource group was not found',
        fix: 'correct the entries that the other checks name',
      },
    ];
  }
  return [
    {
      severity: 'warning',
      what: `${what} is left: no entry needs it`,
      why: reasons[kind],
      fix:
        kind === 'roleAssignment'
          ? `az role assignment delete --ids ${id}`
          : `az resource delete --ids ${id}`,
    },
  ];
}
