import type { ContainerGroupId } from '../../../src/dns/container-group.ts';
import { ago, aKey, groupId, hourMs, ownA, ownerMark, ptrKey, recordSet, spokeOf } from '../fixtures.ts';
import {
  elsewhere,
  noReverse,
  observing,
  settings as sharedZones,
  tagged,
  taggedForward,
  unmapped,
  upsertOnly,
  wantedBy,
  wideOnly,
} from './places.ts';
import type { OtherWrite, PlatformChange, Scenario, Settings } from './scenario.ts';

const web = groupId('web');
const api = groupId('api');
const db = groupId('db');
/** The same name in other resource groups, and so the same host. */
const twin = groupId('web', 'rg-twin');
const third = groupId('web', 'rg-third');
const [a, b, c, d] = ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4'] as const;

const at = (group: ContainerGroupId, address: string, hostTag?: string): PlatformChange => ({
  group,
  address,
  hostTag,
});
const deleted = (group: ContainerGroupId): PlatformChange => ({ group, address: undefined });

const optedOut = (group: ContainerGroupId, address: string, hostTag?: string): PlatformChange => ({
  ...at(group, address, hostTag),
  isOptedOut: true,
});

interface Overrides {
  readonly otherWrites?: readonly OtherWrite[];
  /** Of `web`, which has an event on its way then. */
  readonly isPtrMissing?: boolean;
  readonly events?: readonly ContainerGroupId[];
  /** An address that A remembers, and whose PTR still names the group. */
  readonly leftOver?: string;
  /** How long ago A was written. */
  readonly stampedMsAgo?: number;
  readonly isReverseSilent?: boolean;
  /** The settings that it begins with, and what they become. */
  readonly maps?: readonly [Settings, ...Settings[]];
}

/** Groups that begin where they are told, with their records right, and then change. */
function scenario(
  name: string,
  begin: readonly PlatformChange[],
  changes: readonly PlatformChange[],
  {
    otherWrites = [],
    isPtrMissing = false,
    events = isPtrMissing ? [web] : [],
    leftOver,
    stampedMsAgo = hourMs,
    isReverseSilent = false,
    maps: [settings, ...mapChanges] = [sharedZones],
  }: Overrides = {},
): Scenario {
  const settled = begin.flatMap(({ group, address, hostTag }) =>
    address === undefined ? [] : { group, live: { address, hostTag } },
  );
  const sets = settled.flatMap(({ group, live }) => {
    const { a, ptr, host } = wantedBy(group, live, spokeOf(group, settings.zones));
    const previous =
      leftOver === undefined ? {} : { previous: `${leftOver}@${ago(stampedMsAgo).toISOString()}` };
    const { metadata } = ownA(group, live.address, { age: stampedMsAgo, ...previous });
    const ptrKeys = [
      ...(isPtrMissing || ptr === undefined ? [] : [ptr]),
      ...(leftOver === undefined ? [] : [ptrKey(leftOver)]),
    ];
    return [
      recordSet(a, [live.address], { metadata }),
      ...ptrKeys.map((key) => recordSet(key, [`${host}.`], { metadata: ownerMark(group) })),
    ];
  });
  return {
    name,
    settings,
    groups: [...new Set([...begin, ...changes].map(({ group }) => group))],
    begin: new Map(settled.map(({ group, live }) => [group.key, live])),
    recordSets: sets,
    events,
    changes,
    otherWrites,
    mapChanges,
    isReverseSilent,
  };
}

const webAt = (address: string) => [at(web, address)];

export const scenarios = {
  move: scenario('a move', webAt(a), [at(web, b)]),
  twoMoves: scenario('two moves', webAt(a), [at(web, b), at(web, c)]),
  moveAndBack: scenario('a move and back', webAt(a), [at(web, b), at(web, a)]),
  threeMoves: scenario('two moves and back', webAt(a), [at(web, b), at(web, c), at(web, b)]),
  creation: scenario('a creation and a move', [], [at(web, a), at(web, b)]),
  creationAndMoves: scenario('a creation and two moves', [], [at(web, a), at(web, b), at(web, c)]),
  creationAndDeletion: scenario('a creation and a deletion', [], [at(web, a), deleted(web)]),
  moveAndDeletion: scenario('a move and a deletion', webAt(a), [at(web, b), deleted(web)]),
  deletion: scenario('a deletion', webAt(a), [deleted(web)]),
  deletionOnRepair: scenario('a deletion while a missing PTR is repaired', webAt(a), [deleted(web)], {
    isPtrMissing: true,
  }),
  recreation: scenario('a deletion and a creation at the same address', webAt(a), [deleted(web), at(web, a)]),
  recreationElsewhere: scenario('a deletion and a creation elsewhere', webAt(a), [deleted(web), at(web, b)]),
  recreationAndMove: scenario('a deletion, a creation elsewhere and a move', webAt(a), [
    deleted(web),
    at(web, b),
    at(web, c),
  ]),
  swap: scenario('a swap of two groups', [at(web, a), at(api, b)], [at(web, c), at(api, a), at(web, b)]),
  handOver: scenario('an address handed over', [at(web, a), at(api, b)], [at(web, c), at(api, a)]),
  handOverByDeletion: scenario('an address handed over by a deletion', webAt(a), [deleted(web), at(api, a)]),
  handOverToNew: scenario(
    'an address had for a moment and handed over',
    [at(web, a)],
    [at(web, b), at(web, c), at(api, b)],
  ),
  handOverTwice: scenario('an address handed over twice', webAt(a), [
    deleted(web),
    at(api, a),
    deleted(api),
    at(db, a),
  ]),
  handOverAndBack: scenario('an address handed over and back', webAt(a), [
    at(web, c),
    at(api, a),
    at(api, d),
    at(web, a),
  ]),
} as const satisfies Record<string, Scenario>;

/** A name that passes from a group to its namesakes. */
export const twins = {
  twinAfter: scenario('a name handed over', webAt(a), [deleted(web), at(twin, b)]),
  twinBefore: scenario('a name asked for before it is free', webAt(a), [at(twin, b), deleted(web)]),
  twinGone: scenario('a name handed over and given up', webAt(a), [deleted(web), at(twin, b), deleted(twin)]),
  twinGoneAtOnce: scenario('a name and an address handed over and given up', webAt(a), [
    deleted(web),
    at(twin, a),
    deleted(twin),
  ]),
  twinAndBack: scenario('a name handed over and back', webAt(a), [
    deleted(web),
    at(twin, b),
    deleted(twin),
    at(web, c),
  ]),
  twinOfNew: scenario(
    'a name had for a moment and handed over',
    [],
    [at(web, a), deleted(web), at(twin, b), deleted(twin)],
  ),
  threeOwners: scenario('a name handed over twice', webAt(a), [
    deleted(web),
    at(twin, b),
    deleted(twin),
    at(third, c),
  ]),
  threeOwnersGone: scenario('a name handed over twice and given up', webAt(a), [
    deleted(web),
    at(twin, b),
    deleted(twin),
    at(third, c),
    deleted(third),
  ]),
} as const satisfies Record<string, Scenario>;

/** How long ago A was written. Up to 60 s its stamp is fresh. */
const stampedAgo = (seconds: number) => ({ isPtrMissing: true, stampedMsAgo: seconds * 1000 });

/** A PTR is repaired below a stamp that may be fresh. */
export const stamps = {
  deletionOnFresh: scenario(
    'a deletion while a PTR is repaired, stamped 60 s ago',
    webAt(a),
    [deleted(web)],
    stampedAgo(60),
  ),
  deletionOnYounger: scenario(
    'a deletion while a PTR is repaired, stamped 36 s ago',
    webAt(a),
    [deleted(web)],
    stampedAgo(36),
  ),
  deletionOnOlder: scenario(
    'a deletion while a PTR is repaired, stamped 85 s ago',
    webAt(a),
    [deleted(web)],
    stampedAgo(85),
  ),
  moveOnFresh: scenario(
    'a move while a PTR is repaired, stamped 60 s ago',
    webAt(a),
    [at(web, b)],
    stampedAgo(60),
  ),
  recreationOnFresh: scenario(
    'a deletion and a creation elsewhere while a PTR is repaired, stamped 60 s ago',
    webAt(a),
    [deleted(web), at(web, b)],
    stampedAgo(60),
  ),
  handOverOnFresh: scenario(
    'an address handed over by a deletion while a PTR is repaired, stamped 60 s ago',
    webAt(a),
    [deleted(web), at(api, a)],
    stampedAgo(60),
  ),
  twinOnFresh: scenario(
    'a name handed over while a PTR is repaired, stamped 60 s ago',
    webAt(a),
    [deleted(web), at(twin, b)],
    stampedAgo(60),
  ),
} as const satisfies Record<string, Scenario>;

/** In another reverse zone than the others. */
const e = '10.2.0.1';

export const reverseZones = {
  moveBetweenZones: scenario('a move to another reverse zone', webAt(a), [at(web, e)]),
  moveBetweenZonesAndDeletion: scenario('a move to another reverse zone and a deletion', webAt(a), [
    at(web, e),
    deleted(web),
  ]),
} as const satisfies Record<string, Scenario>;

const silent = { isReverseSilent: true };

/** No call to a reverse zone is ever answered well. */
export const silentReverse = {
  silentMoves: scenario('two moves, and reverse is silent', webAt(a), [at(web, b), at(web, c)], silent),
  silentRecreation: scenario(
    'a deletion and a creation elsewhere, and reverse is silent',
    webAt(a),
    [deleted(web), at(web, b)],
    silent,
  ),
  silentHandOver: scenario(
    'an address handed over, and reverse is silent',
    [at(web, a), at(api, b)],
    [at(web, c), at(api, a)],
    silent,
  ),
  silentTwin: scenario(
    'a name handed over, and reverse is silent',
    webAt(a),
    [deleted(web), at(twin, b)],
    silent,
  ),
} as const satisfies Record<string, Scenario>;

const wrongA = { ...ownA(web, a), values: ['10.1.0.99'] };

/** Beside the platform, somebody else writes. */
export const withOtherWriter = {
  removedA: scenario('a move, and another writer removes A', webAt(a), [at(web, b)], {
    otherWrites: [{ kind: 'remove', key: aKey(web) }],
  }),
  editedA: scenario('a move, and another writer edits A', webAt(a), [at(web, b)], {
    otherWrites: [{ kind: 'put', set: wrongA }],
  }),
  unmarkedA: scenario('a move, and another writer replaces A without a mark', webAt(a), [at(web, b)], {
    otherWrites: [{ kind: 'put', set: recordSet(aKey(web), ['10.1.0.99']) }],
  }),
  removedPtr: scenario('a move, and another writer removes the new PTR', webAt(a), [at(web, b)], {
    otherWrites: [{ kind: 'remove', key: ptrKey(b) }],
  }),
  editedPtr: scenario('a move, and another writer edits the old PTR', webAt(a), [at(web, b)], {
    otherWrites: [
      {
        kind: 'put',
        set: recordSet(ptrKey(a), ['legacy.contoso.com.', 'web.spoke-a.internal.contoso.com.']),
      },
    ],
  }),
  deletionOfEditedA: scenario('a deletion, and another writer edits A', webAt(a), [deleted(web)], {
    otherWrites: [{ kind: 'put', set: wrongA }],
  }),
  recreationWithoutA: scenario(
    'a deletion and a creation elsewhere, and another writer removes A',
    webAt(a),
    [deleted(web), at(web, b)],
    {
      otherWrites: [{ kind: 'remove', key: aKey(web) }],
    },
  ),
} as const satisfies Record<string, Scenario>;

const [blue, green] = [api, db];
const onTag = (...rest: readonly Settings[]) => ({ maps: [tagged, ...rest] as const });

/** The map changes; no event tells of it. */
export const maps = {
  mapZone: scenario('another forward zone', webAt(a), [], { maps: [sharedZones, elsewhere] }),
  mapZoneWithOld: scenario('another forward zone, and a PTR that is left over', webAt(a), [], {
    maps: [sharedZones, elsewhere],
    leftOver: b,
  }),
  mapZoneInEvent: scenario('another forward zone while an event is handled', webAt(a), [], {
    maps: [sharedZones, elsewhere],
    events: [web],
  }),
  mapZoneAndMove: scenario('another forward zone and a move', webAt(a), [at(web, b)], {
    maps: [sharedZones, elsewhere],
  }),
  mapZoneAndMoves: scenario('another forward zone and two moves', webAt(a), [at(web, b), at(web, c)], {
    maps: [sharedZones, elsewhere],
  }),
  mapZoneAndDeletion: scenario('another forward zone and a deletion', webAt(a), [deleted(web)], {
    maps: [sharedZones, elsewhere],
  }),
  mapZoneOfNew: scenario('another forward zone and a creation', [], [at(web, a)], {
    maps: [sharedZones, elsewhere],
  }),
  mapZoneOfNewAndDeletion: scenario(
    'another forward zone, a creation and a deletion',
    [],
    [at(web, a), deleted(web)],
    {
      maps: [sharedZones, elsewhere],
    },
  ),
  mapZoneAndMoveAndDeletion: scenario(
    'another forward zone, a move and a deletion',
    webAt(a),
    [at(web, b), deleted(web)],
    {
      maps: [sharedZones, elsewhere],
    },
  ),
  mapZoneAndBack: scenario('another forward zone and back', webAt(a), [at(web, b)], {
    maps: [sharedZones, elsewhere, sharedZones],
  }),
  mapZoneAndHandOver: scenario(
    'another forward zone and an address handed over',
    webAt(a),
    [deleted(web), at(twin, a)],
    {
      maps: [sharedZones, elsewhere],
    },
  ),
  mapZoneAndSuccessor: scenario(
    'another forward zone and a successor in the old one',
    webAt(a),
    [at(twin, b)],
    {
      maps: [sharedZones, elsewhere],
    },
  ),
  mapWithout: scenario('a spoke is taken off the map and comes back elsewhere', webAt(a), [at(web, b)], {
    maps: [sharedZones, unmapped, elsewhere],
  }),
  mapNarrower: scenario('a narrow reverse zone is added', webAt(a), [at(web, b)], {
    maps: [wideOnly, sharedZones],
  }),
  mapWider: scenario('a narrow reverse zone is removed', webAt(a), [at(web, b)], {
    maps: [sharedZones, wideOnly],
  }),
  mapWiderAndDeletion: scenario(
    'a narrow reverse zone is removed, and a deletion',
    webAt(a),
    [at(web, b), deleted(web)],
    { maps: [sharedZones, wideOnly] },
  ),
  mapReverse: scenario('the reverse zones are added', webAt(a), [at(web, b)], {
    maps: [noReverse, sharedZones],
  }),
  mapNoReverse: scenario('the reverse zones are removed', webAt(a), [at(web, b)], {
    maps: [sharedZones, noReverse],
  }),
} as const satisfies Record<string, Scenario>;

/** A tag gives the host name. */
export const tags = {
  tagChange: scenario('a tag changes', [at(web, a, 'app')], [at(web, a, 'shop')], onTag()),
  tagChangeInEvent: scenario(
    'a tag changes while an event is handled',
    [at(web, a, 'app')],
    [at(web, a, 'shop')],
    {
      ...onTag(),
      events: [web],
    },
  ),
  tagChangeInForward: scenario(
    'a tag changes while an event is handled, without reverse zones',
    [at(web, a, 'app')],
    [at(web, a, 'shop')],
    { maps: [taggedForward], events: [web] },
  ),
  tagRemoved: scenario('a tag is taken away', [at(web, a, 'app')], [at(web, a)], onTag()),
  tagChangeAndBack: scenario(
    'a tag changes and changes back',
    [at(web, a, 'app')],
    [at(web, a, 'shop'), at(web, a, 'app')],
    onTag(),
  ),
  tagChangeAndMove: scenario(
    'a tag changes, and a move',
    [at(web, a, 'app')],
    [at(web, a, 'shop'), at(web, b, 'shop')],
    onTag(),
  ),
  tagMoveAndChange: scenario(
    'a move, and a tag changes',
    [at(web, a, 'app')],
    [at(web, b, 'app'), at(web, b, 'shop')],
    onTag(),
  ),
  tagOfNew: scenario('a tag of a new group changes', [], [at(web, a, 'app'), at(web, a, 'shop')], onTag()),
  tagDeletion: scenario('a group with a tag is deleted', [at(web, a, 'app')], [deleted(web)], onTag()),
  tagMoveAndDeletion: scenario(
    'a group with a tag moves and is deleted',
    [at(web, a, 'app')],
    [at(web, b, 'app'), deleted(web)],
    onTag(),
  ),
  tagNewAndDeletion: scenario(
    'a group with a tag is created and deleted',
    [],
    [at(web, a, 'app'), deleted(web)],
    onTag(),
  ),
  tagRecreation: scenario(
    'a group with a tag is deleted and comes back with another',
    [at(web, a, 'app')],
    [deleted(web), at(web, b, 'shop')],
    onTag(),
  ),
  blueGreen: scenario(
    'a tag moves to another group',
    [at(blue, a, 'app'), at(green, b)],
    [at(blue, a), at(green, b, 'app')],
    onTag(),
  ),
  greenFirst: scenario(
    'a tag is on two groups, and then on the later one',
    [at(blue, a, 'app'), at(green, b)],
    [at(green, b, 'app'), at(blue, a)],
    onTag(),
  ),
  greenAfterBlue: scenario(
    'a tag moves from a group that is deleted',
    [at(blue, a, 'app')],
    [at(green, b, 'app'), deleted(blue)],
    onTag(),
  ),
  greenSwap: scenario(
    'two groups swap their tags',
    [at(blue, a, 'app'), at(green, b, 'shop')],
    [at(blue, a, 'shop'), at(green, b, 'app')],
    onTag(),
  ),
  optOut: scenario('a group opts out', webAt(a), [optedOut(web, a)]),
  optOutAndIn: scenario('a group opts out and in again', webAt(a), [optedOut(web, a), at(web, a)]),
  optOutAndMove: scenario('a group moves, opts out and in elsewhere', webAt(a), [
    at(web, b),
    optedOut(web, b),
    at(web, c),
  ]),
  optOutOfTag: scenario(
    'a group with a tag moves, opts out and changes its tag',
    [at(web, a, 'app')],
    [at(web, b, 'app'), optedOut(web, b, 'app'), optedOut(web, b, 'shop')],
    onTag(),
  ),
  optOutAndHandOver: scenario(
    'a group opts out, and another takes its tag',
    [at(blue, a, 'app'), at(green, b)],
    [optedOut(blue, a, 'app'), at(green, b, 'app')],
    onTag(),
  ),
  tagMapped: scenario('names come from a tag now', [at(web, a, 'app')], [at(web, b, 'app')], {
    maps: [sharedZones, tagged],
  }),
} as const satisfies Record<string, Scenario>;

const under = (...all: readonly [Settings, ...Settings[]]) => ({ maps: all });

/** Policies of the spoke, which may change like everything else that the map says. */
export const policies = {
  upsertMoves: scenario(
    'two moves, nothing taken away',
    webAt(a),
    [at(web, b), at(web, c)],
    under(upsertOnly),
  ),
  upsertDeletion: scenario('a deletion, nothing taken away', webAt(a), [deleted(web)], under(upsertOnly)),
  upsertRecreation: scenario(
    'a deletion and a creation elsewhere, nothing taken away',
    webAt(a),
    [deleted(web), at(web, b)],
    under(upsertOnly),
  ),
  upsertHandOver: scenario(
    'an address handed over, nothing taken away',
    [at(web, a), at(api, b)],
    [at(web, c), at(api, a)],
    under(upsertOnly),
  ),
  upsertThenSync: scenario(
    'a move and a deletion, while more is allowed',
    webAt(a),
    [at(web, b), deleted(web)],
    under(upsertOnly, sharedZones),
  ),
  upsertHandOverThenSync: scenario(
    'an address handed over, while more is allowed',
    [at(web, a), at(api, b)],
    [at(web, c), at(api, a)],
    under(upsertOnly, sharedZones),
  ),
  syncThenUpsert: scenario(
    'a move and a deletion, while less is allowed',
    webAt(a),
    [at(web, b), deleted(web)],
    under(sharedZones, upsertOnly),
  ),
  observeMoves: scenario('two moves, nothing written', webAt(a), [at(web, b), at(web, c)], under(observing)),
  observeThenSync: scenario(
    'a move and a deletion, while writing is allowed',
    webAt(a),
    [at(web, b), deleted(web)],
    under(observing, sharedZones),
  ),
  syncThenObserve: scenario(
    'a move and a deletion, while writing is forbidden',
    webAt(a),
    [at(web, b), deleted(web)],
    under(sharedZones, observing),
  ),
} as const satisfies Record<string, Scenario>;
