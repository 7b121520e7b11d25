import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registries/registry.ts';
import type { Observation } from '../../src/routing/observe.ts';
import { review } from '../../src/routing/review.ts';
import type { ReviewSettings } from '../../src/routing/review-settings.ts';
import type { ReviewEvent } from '../../src/routing/signals.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import {
  absent,
  alive,
  anObservation,
  aRegistry,
  failed,
  failing,
  hourMs,
  lateImages,
  minute,
  minuteMs,
  minuteText,
  never,
  observed,
  off,
  replicaIn,
  someRules,
  throttled,
  unknown,
  unread,
} from './fixtures.ts';

const healthy = [observed('eastus'), observed('westus'), observed('uksouth')];
const westusFails = [observed('eastus'), failed('westus'), observed('uksouth')];
const allFail = [failed('eastus'), failed('westus'), failed('uksouth')];

/** Reviews that follow each other minute by minute, each published. */
function reviews(
  observations: readonly Observation[],
  {
    registry = {},
    rules = {},
    before,
    fromMinute = 0,
  }: {
    registry?: Partial<Registry>;
    rules?: Partial<ReviewSettings>;
    before?: ReviewState;
    fromMinute?: number;
  } = {},
) {
  let state = before;
  const events: ReviewEvent[] = [];
  const signals: ReviewState['outbox'] = [];
  for (const [index, observation] of observations.entries()) {
    const step = review(
      aRegistry(registry),
      state && { ...state, outbox: [] },
      observation,
      someRules(rules),
      minute(fromMinute + index),
    );
    state = step.after;
    signals.push(...state.outbox);
    events.push(...step.events);
  }
  if (state === undefined) throw new Error('there was no review');
  return {
    state,
    signals,
    happened: events.map(({ region, kind }) => `${region} ${kind}`),
    westus: replicaIn(state, 'westus'),
  };
}
const times = (count: number, observation: Observation): Observation[] =>
  Array.from({ length: count }, () => observation);
const flagOnly = { rules: { mode: 'flag' } } as const;

describe('a registry whose replica fails', () => {
  it('flags it after three reviews, with the reviews that led to it, and switches it off in enforce mode', () => {
    const two = reviews(times(2, anObservation(westusFails)));
    expect(two.westus.verdict.flagged).toBe(false);
    const { westus, state, happened } = reviews(times(3, anObservation(westusFails)));
    expect(happened).toEqual(['westus flagged']);
    expect(westus.verdict.reviews.map(({ because }) => because)).toEqual(
      times(3, anObservation([])).map(() => ['its regional endpoint is unavailable: 503']),
    );
    expect(westus.action.do).toBe('switchOff');
    expect(westus.intent).toEqual({ to: 'disabled', at: minuteText(2), outcome: 'pending' });
    expect(state.recentChanges).toEqual([minuteText(2)]);
  });

  it('only flags it in flag mode, and still evaluates every interlock', () => {
    const { westus, state } = reviews(times(3, anObservation(westusFails)), flagOnly);
    expect(westus.action).toEqual({ do: 'nothing', because: 'ROUTING_MODE is flag' });
    expect(westus.intent).toBeUndefined();
    expect(westus.interlocks.map(({ rule }) => rule)).toHaveLength(7);
    expect(state.recentChanges).toEqual([]);
  });

  it('follows its own review rule', () => {
    const review = { raise: { bad: 1, of: 1 }, clear: 1 };
    const { happened } = reviews([anObservation(westusFails), anObservation(healthy)], {
      ...flagOnly,
      registry: { review },
    });
    expect(happened).toEqual(['westus flagged', 'westus cleared']);
  });

  it('ignores a review that follows another too closely', () => {
    const rules = { intervalMs: 4 * minuteMs };
    expect(reviews(times(4, anObservation(westusFails)), { rules }).happened).toEqual([]);
    expect(reviews(times(5, anObservation(westusFails)), { rules }).happened).toEqual(['westus flagged']);
  });
});

describe('a registry whose replicas are throttled', () => {
  it('flags none of them, however long it lasts', () => {
    const storm = healthy.map((one) => ({ ...one, reachability: throttled }));
    expect(reviews(times(100, anObservation(storm))).happened).toEqual([]);
  });
});

describe('a registry whose images are late in one region', () => {
  it('flags the replica there', () => {
    const late = { lateImages: lateImages({ westus: 4, eastus: 1 }) };
    expect(reviews(times(3, anObservation(healthy, late))).happened).toEqual(['westus flagged']);
  });
});

describe('a common cause', () => {
  const blind = anObservation(allFail);
  it('counts as a review of no replica', () => {
    const { happened, state } = reviews(times(20, blind));
    expect(happened).toEqual([]);
    expect(state).toMatchObject({ commonCause: true, recentChanges: [] });
    expect(replicaIn(state, 'westus').reasons).toHaveLength(1);
  });
  it('keeps the time of the first of the reviews in a row that found it', () => {
    const sinceOf = (...observations: Observation[]) => reviews(observations).state.commonCauseSince;
    expect(sinceOf(blind, blind, blind)).toBe(minuteText(0));
    expect(sinceOf(blind, anObservation(healthy))).toBeUndefined();
    expect(sinceOf(blind, anObservation(healthy), blind, blind)).toBe(minuteText(2));
  });
  it('clears nobody', () => {
    const { happened } = reviews(
      [
        ...times(3, anObservation(westusFails)),
        ...times(4, anObservation(healthy)),
        blind,
        blind,
        anObservation(healthy),
      ],
      flagOnly,
    );
    expect(happened).toEqual(['westus flagged', 'westus cleared']);
  });
  it('prevents every change', () => {
    const { westus } = reviews(times(3, anObservation(allFail)), { registry: { policy: [never('westus')] } });
    expect(westus.verdict.flagged).toBe(true);
    expect(westus.action).toMatchObject({ do: 'nothing', rules: expect.arrayContaining(['commonCause']) });
  });
});

describe('a problem of a registry', () => {
  it('keeps the time of the first of the reviews in a row that found it, by its sentence', () => {
    const named = (...regions: string[]) => ({
      registry: { regions },
    });
    const first = reviews(times(2, anObservation(healthy)), named('eastus', 'brazilsouth'));
    const [brazil = ''] = first.state.problems;
    expect(first.state.problemsSince).toEqual({ [brazil]: minuteText(0) });
    const second = reviews([anObservation(healthy)], {
      ...named('eastus', 'brazilsouth', 'japaneast'),
      before: first.state,
      fromMinute: 2,
    });
    const [, japan = ''] = second.state.problems;
    expect(second.state.problemsSince).toEqual({ [brazil]: minuteText(0), [japan]: minuteText(2) });
    const healed = reviews([anObservation(healthy)], { before: second.state, fromMinute: 3 });
    expect(healed.state.problemsSince).toEqual({});
  });
});

describe('a control plane that does not answer', () => {
  const silent = anObservation([unread('eastus', failing), unread('westus'), unread('uksouth')], {
    home: undefined,
    controlPlaneError: 'no answer in time',
  });
  it('prevents changes, and the state says since when and why', () => {
    const { state } = reviews([anObservation(healthy), ...times(4, silent)]);
    const eastus = replicaIn(state, 'eastus');
    expect(state.controlPlaneError).toEqual({ since: minuteText(1), reason: 'no answer in time' });
    expect(eastus.verdict.flagged).toBe(true);
    expect(eastus.action).toEqual({ do: 'nothing', because: 'it could not be read by id' });
    expect(eastus.interlocks).toContainEqual(expect.objectContaining({ rule: 'controlPlane', pass: false }));
    expect(eastus.interlocks).toContainEqual(
      expect.objectContaining({ rule: 'homeRegion', detail: expect.stringContaining('warning') }),
    );
  });
  it('also prevents changes of a replica that was read', () => {
    const half = anObservation([observed('eastus'), failed('westus'), unread('uksouth')], {
      controlPlaneError: '503',
    });
    expect(reviews(times(3, half)).westus.action).toMatchObject({
      do: 'nothing',
      rules: expect.arrayContaining(['controlPlane']),
    });
  });
  it('clears nobody', () => {
    const { happened } = reviews([...times(3, anObservation(westusFails)), ...times(9, silent)], flagOnly);
    expect(happened).toEqual(['westus flagged', 'eastus flagged']);
  });
  it('does not hide since when a replication is being updated', () => {
    const updating = anObservation([
      observed('eastus'),
      observed('westus', { provisioningState: 'Updating' }),
    ]);
    const { westus } = reviews([updating, ...times(28, silent), ...times(2, updating)]);
    expect(westus.reasons).toEqual([expect.stringContaining(`since ${minuteText(0)}`)]);
  });
  it('leaves no trace once it answers again', () => {
    expect(reviews([...times(4, silent), anObservation(healthy)]).state.controlPlaneError).toBeUndefined();
  });
});

describe('a policy', () => {
  const policy = [off('westus', minute(5), minute(8))];
  it('raises a flag at the first review of its window and clears it at the first after it', () => {
    const { signals } = reviews(times(10, anObservation(healthy)), { ...flagOnly, registry: { policy } });
    expect(signals.map(({ type, data }) => [type, data['since']])).toEqual([
      ['evenkeel.replica.flagged', minuteText(5)],
      ['evenkeel.replica.cleared', minuteText(8)],
    ]);
  });
  it('for a region without a replica is reported as a problem', () => {
    const { state } = reviews([anObservation(healthy)], {
      registry: { policy: [never('westus9')], regions: ['eastus', 'norwayeast'] },
    });
    expect(state.problems).toEqual([
      'myregistry has no replica in norwayeast, although regions in REGISTRIES names it',
      'myregistry has no replica in westus9, although policy in REGISTRIES names it',
    ]);
  });
  it('for a region without a replica is none while Resource Manager does not answer', () => {
    const { state } = reviews([anObservation(healthy, { controlPlaneError: '503' })], {
      registry: { policy: [never('westus9')] },
    });
    expect(state.problems).toEqual([]);
  });
});

describe('several flags at once', () => {
  const policy = ['westus', 'uksouth', 'norwayeast', 'japaneast'].map(never);
  const six = ['eastus', 'westus', 'uksouth', 'norwayeast', 'japaneast', 'brazilsouth'].map((region) =>
    observed(region),
  );
  const offAfter = (registry: Partial<Registry>, rules: Partial<ReviewSettings> = {}) =>
    reviews([anObservation(six)], { registry: { policy, ...registry }, rules }).state.replicas.filter(
      ({ action }) => action.do === 'switchOff',
    ).length;
  it('lead to as many changes as the budget allows', () => {
    expect(offAfter({ minimumRoutable: 1 })).toBe(2);
    expect(offAfter({ minimumRoutable: 1 }, { changesPerHour: 3 })).toBe(3);
  });
  it('leave enough others routed, counting what the same review has planned', () => {
    expect(offAfter({ minimumRoutable: 2 }, { changesPerHour: 9 })).toBe(4);
    expect(offAfter({ minimumRoutable: 3 }, { changesPerHour: 9 })).toBe(0);
  });
});

describe('a replica that has recovered', () => {
  const offByUs = (changes = {}): ReviewState => {
    const { state } = reviews(times(3, anObservation(westusFails)));
    const replicas = state.replicas.map((replica) =>
      replica.region === 'westus'
        ? {
            ...replica,
            disabledByUs: true,
            intent: { to: 'disabled' as const, at: minuteText(2), outcome: 'done' as const },
            ...changes,
          }
        : replica,
    );
    return { ...state, replicas };
  };
  const isOff = anObservation([
    observed('eastus'),
    observed('westus', { globalRouting: 'disabled' }),
    observed('uksouth'),
  ]);
  it('is switched on after five good reviews and the hold-down', () => {
    const early = reviews(times(5, isOff), { before: offByUs(), fromMinute: 3 });
    expect(early.happened).toEqual(['westus cleared']);
    expect(early.westus.action.rules).toEqual(['holdDown']);
    expect(reviews(times(10, isOff), { before: offByUs(), fromMinute: 3 }).westus.intent).toMatchObject({
      to: 'enabled',
      at: minuteText(12),
    });
  });
  it('is not switched on while nobody can look at what led to its flag', () => {
    const isQuiet = isOff.replicas.map((one) => ({ ...one, reachability: unknown }));
    const { westus, happened } = reviews([...times(5, isOff), ...times(15, anObservation(isQuiet))], {
      ...{ before: offByUs(), fromMinute: 3 },
    });
    expect(happened).toEqual(['westus cleared']);
    expect(westus).toMatchObject({ health: 'inconclusive', action: { do: 'nothing' } });
  });
  it.each([
    ['begins to count reversals anew', undefined, 0],
    ['is contested until an operator ends that', { since: minuteText(2) }, 3],
  ])('%s', (_, contested, expected) => {
    const before = offByUs({ disabledByUs: false, reversals: 3, contested });
    const early = reviews(times(4, anObservation(healthy)), { ...flagOnly, before, fromMinute: 3 });
    expect(early.westus.reversals).toBe(3);
    const later = reviews(times(5, anObservation(healthy)), { ...flagOnly, before, fromMinute: 3 });
    expect(later.westus).toMatchObject({ verdict: { flagged: false }, reversals: expected });
  });
  it('is switched on before another one is switched off', () => {
    const registry = { policy: [never('eastus')] };
    const { state } = reviews(times(10, isOff), {
      before: offByUs(),
      fromMinute: 3,
      registry,
      rules: { changesPerHour: 2, holdDownMs: 9 * minuteMs },
    });
    expect(replicaIn(state, 'westus').intent?.to).toBe('enabled');
  });
});

describe('a signal', () => {
  it('about a standing flag is repeated once an hour under the same id, and its end is signalled once', () => {
    const { signals } = reviews(
      [...times(150, anObservation(westusFails)), ...times(10, anObservation(healthy))],
      flagOnly,
    );
    expect(signals.map(({ type }) => type.split('.').at(-1))).toEqual([
      'flagged',
      'flagged',
      'flagged',
      'cleared',
    ]);
    expect(new Set(signals.slice(0, 3).map(({ id }) => id)).size).toBe(1);
    expect(signals.slice(0, 3).map(({ data }) => data['repeat'])).toEqual([0, 1, 2]);
    expect(signals.at(-1)?.id).not.toBe(signals[0]?.id);
    expect(signals.at(-1)?.data).toMatchObject({ reason: 'recovered', flaggedSince: minuteText(2) });
  });
  it('waits in the state until it is published, and is not repeated before', () => {
    const before = reviews(times(3, anObservation(westusFails)), flagOnly).state;
    const later = review(
      aRegistry(),
      before,
      anObservation(westusFails),
      someRules({ mode: 'flag' }),
      new Date(minute(3).getTime() + 5 * hourMs),
    );
    expect(later.after.outbox).toEqual(before.outbox);
    const others = before.outbox.map((one) => ({ ...one, subject: 'another replica' }));
    const laterWith = (outbox: ReviewState['outbox']) =>
      review(
        aRegistry(),
        { ...before, outbox },
        anObservation(westusFails),
        someRules({ mode: 'flag' }),
        new Date(minute(3).getTime() + 5 * hourMs),
      ).after.outbox;
    expect(laterWith(others)).toHaveLength(2);
    expect(laterWith([...others, ...before.outbox])).toHaveLength(2);
  });
  it('about a standing flag is repeated after an hour to the minute', () => {
    const signalsAfter = (count: number) =>
      reviews(times(count, anObservation(westusFails)), flagOnly).signals.length;
    expect([62, 63].map(signalsAfter)).toEqual([1, 2]);
  });
  it('clears the flag of a replica that was removed', () => {
    const { state } = reviews(times(3, anObservation(westusFails)), flagOnly);
    const gone = anObservation([observed('eastus'), absent('westus', 'notListed'), observed('uksouth')]);
    const first = review(aRegistry(), { ...state, outbox: [] }, gone, someRules(), minute(3));
    expect(first).toMatchObject({ events: [], after: { outbox: [] } });
    const second = review(aRegistry(), first.after, gone, someRules(), minute(4));
    expect(second.events).toMatchObject([{ kind: 'gone' }]);
    expect(second.after.replicas.map(({ region }) => region)).toEqual(['eastus', 'uksouth']);
    expect(second.after.outbox).toMatchObject([
      { type: 'evenkeel.replica.cleared', data: { reason: 'gone' } },
    ]);
  });
  it('carries the replication as its subject, the evidence, the reviews, the interlocks and both commands', () => {
    const [signal] = reviews(times(3, anObservation(westusFails)), flagOnly).signals;
    const update =
      'az acr replication update --registry myregistry --name westus --resource-group rg-registry --subscription 11111111-2222-3333-4444-555555555555 --global-endpoint-routing';
    expect(signal).toMatchObject({
      source: aRegistry().id,
      subject: `${aRegistry().id}/replications/westus`,
      data: {
        region: 'westus',
        verdict: 'flagged',
        evidence: { reachability: failing },
        reviews: [{}, {}, { at: minuteText(2) }],
        interlocks: expect.arrayContaining([
          expect.objectContaining({ rule: 'minimumRoutable', pass: true }),
        ]),
        commands: { off: `${update} false`, on: `${update} true` },
      },
    });
  });
});

describe('a replica whose record was lost', () => {
  it('is a problem that says how to switch it on', () => {
    const tags = { 'evenkeel:globalRouting': `disabled@${minuteText(0)}` };
    const { state } = reviews([
      anObservation([observed('eastus'), observed('westus', { globalRouting: 'disabled', tags })]),
    ]);
    expect(state.problems).toEqual([
      expect.stringMatching(/^westus was switched off by evenkeel.*routing true$/),
    ]);
    for (const seen of [{ tags }, { globalRouting: 'disabled' } as const]) {
      const one = anObservation([observed('eastus'), observed('westus', seen), unread('uksouth')]);
      expect(reviews([one]).state.problems).toEqual([]);
    }
  });
});

describe('a contest', () => {
  it('is signalled once, and the replica is left alone until an operator ends it', () => {
    let state: ReviewState | undefined;
    const signalled: string[] = [];
    let switchedOff = 0;
    for (let at = 0; at < 300; at++) {
      // Somebody takes it back within the minute, every time.
      const step = review(
        aRegistry(),
        state,
        anObservation([
          observed('eastus'),
          { ...failed('westus', { lastModifiedBy: 'terraform' }) },
          observed('uksouth'),
        ]),
        someRules({ changesPerHour: 100 }),
        minute(at),
      );
      signalled.push(...step.after.outbox.map(({ type }) => type));
      const replicas = step.after.replicas.map((replica) => {
        if (replica.action.do !== 'switchOff' || replica.intent === undefined) return replica;
        switchedOff += 1;
        return { ...replica, disabledByUs: true, intent: { ...replica.intent, outcome: 'done' as const } };
      });
      state = { ...step.after, replicas, outbox: [] };
    }
    expect(switchedOff).toBe(3);
    expect(signalled.filter((type) => type === 'evenkeel.replica.contested')).toHaveLength(1);
    expect(replicaIn(state, 'westus')).toMatchObject({
      reversals: 3,
      contested: { lastModifiedBy: 'terraform' },
      action: { rules: ['anotherWriter'] },
    });
  });
});

describe('a replica that nobody can look at', () => {
  const quiet = anObservation([
    observed('eastus'),
    { ...observed('westus'), reachability: unknown },
    observed('uksouth'),
  ]);
  const flaggedState = reviews(times(3, anObservation(westusFails)), flagOnly).state;

  it('keeps its flag, and says what has to be seen', () => {
    const { westus, happened } = reviews(times(30, quiet), {
      ...flagOnly,
      before: flaggedState,
      fromMinute: 3,
    });
    expect(happened).toEqual([]);
    expect(westus).toMatchObject({
      ...{ health: 'inconclusive', unrecovered: ['endpoint'] },
      awaits: [expect.stringContaining('has to answer 200 or 401')],
    });
  });
  it('keeps its flag when only one of the reviews saw it', () => {
    const seen = [...times(3, anObservation(westusFails)), anObservation(healthy), ...times(9, quiet)];
    expect(reviews(seen, flagOnly).happened).toEqual(['westus flagged']);
  });
  it('is not good again because of a look that does not count', () => {
    const rules = { intervalMs: hourMs };
    const { westus } = reviews([anObservation(westusFails), anObservation(healthy)], { rules });
    expect(westus.unrecovered).toEqual(['endpoint']);
    const other = reviews([anObservation(healthy), anObservation(westusFails)], { rules });
    expect(other.westus.unrecovered).toEqual([]);
  });
  it('is not good after a single bad look, and good again once it is seen', () => {
    const once = reviews([anObservation(westusFails), ...times(9, quiet)]);
    expect(once.westus).toMatchObject({ health: 'inconclusive', unrecovered: ['endpoint'] });
    const seen = reviews([anObservation(westusFails), quiet, anObservation(healthy)]);
    expect(seen.westus).toMatchObject({ health: 'good', unrecovered: [], awaits: [] });
  });
  it('takes no place of one that serves', () => {
    const registry = { policy: [never('uksouth')], minimumRoutable: 2 };
    const { state } = reviews([anObservation(westusFails), quiet], { registry });
    expect(replicaIn(state, 'uksouth').action.rules).toEqual(['minimumRoutable']);
    expect(replicaIn(reviews([quiet], { registry }).state, 'uksouth').action.do).toBe('switchOff');
  });
});

describe('a replica that is gone', () => {
  const without = (list: 'listed' | 'notListed' | 'listUnread') =>
    anObservation([observed('eastus'), absent('westus', list), observed('uksouth')]);
  const names = (observations: readonly Observation[], rules: Partial<ReviewSettings> = {}) => {
    const all = [anObservation(healthy), ...observations];
    let state: ReviewState | undefined;
    for (const [at, one] of all.entries())
      state = review(aRegistry(), state && { ...state, outbox: [] }, one, someRules(rules), minute(at)).after;
    return state?.replicas.map(({ region }) => region);
  };
  it.each<[string, Observation[], boolean]>([
    ['neither by id nor in the list, once', [without('notListed')], true],
    ['… twice', [without('notListed'), without('notListed')], false],
    [
      '… with an unanswered list in between',
      [without('notListed'), without('listUnread'), without('notListed')],
      false,
    ],
    [
      '… with a list in between that shows it',
      [without('notListed'), without('listed'), without('notListed')],
      true,
    ],
    ['… with a read in between', [without('notListed'), anObservation(healthy), without('notListed')], true],
    ['not by id, and the list shows it, ever so often', times(9, without('listed')), true],
    ['not by id, and the list is not answered', times(9, without('listUnread')), true],
  ])('was found %s', (_, observations, isThere) => {
    expect(names(observations)?.includes('westus')).toBe(isThere);
  });
  it.each([
    ['rolledBack', 'Canceled', 1],
    ['gone', 'Succeeded', 0],
  ])('is %s when its creation was followed by %s', (kind, provisioningState, problems) => {
    const seen = (state: string) => anObservation([observed('westus', { provisioningState: state })]);
    const end = anObservation([absent('westus', 'notListed')]);
    let state: ReviewState | undefined;
    const happened: string[] = [];
    for (const [at, one] of [seen('Creating'), seen(provisioningState), end, end].entries()) {
      const step = review(aRegistry(), state, one, someRules(), minute(at));
      state = step.after;
      happened.push(...step.events.map((event) => event.kind));
    }
    expect(happened).toEqual([kind]);
    expect(state?.problems).toHaveLength(problems);
    expect(state?.outbox).toEqual([]);
  });
  it('is there while the reviews do not count', () => {
    expect(names(times(4, without('notListed')), { intervalMs: 60 * minuteMs })).toContain('westus');
  });
  it('is forgotten when nothing of it is ours, and seen anew when it comes back', () => {
    const { state } = reviews(
      [...times(3, anObservation(westusFails)), ...times(2, without('notListed')), anObservation(healthy)],
      flagOnly,
    );
    expect(state.departed).toEqual([]);
    expect(replicaIn(state, 'westus').verdict).toMatchObject({ flagged: false, kinds: [] });
  });
});

describe('a replica that answers again', () => {
  it('shows that in its stored evidence', () => {
    const { westus } = reviews([anObservation(westusFails), anObservation(healthy)]);
    expect(westus).toMatchObject({ evidence: { reachability: alive }, health: 'good', reasons: [] });
  });
});
