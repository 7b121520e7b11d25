import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registries/registry.ts';
import type { ObservedReplica } from '../../src/routing/observe.ts';
import { type RehearsalWish, withRehearsal } from '../../src/routing/rehearsal.ts';
import { checkRehearsal } from '../../src/routing/rehearsal-check.ts';
import { review } from '../../src/routing/review.ts';
import type { ReviewSettings } from '../../src/routing/review-settings.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import { decodeReviewState, encodeReviewState } from '../../src/routing/state-codec.ts';
import { registryStatus } from '../../src/routing/status-view.ts';
import {
  absent,
  anObservation,
  aRegistry,
  failed,
  hourMs,
  minute,
  minuteMs,
  minuteText,
  never,
  observed,
  off,
  replicaIn,
  someRules,
  throttled,
  unread,
} from './fixtures.ts';

const regions = ['eastus', 'westus', 'westeurope'];
const wish: RehearsalWish = { forMs: hourMs, by: 'ada', reason: 'game day' };

/** The reviews of one registry, one a minute. */
class Reviews {
  state: ReviewState | undefined;
  minutes = 0;
  events: readonly string[] = [];
  readonly registry: Registry;
  readonly rules: ReviewSettings;
  constructor(registry: Partial<Registry> = {}, rules: Partial<ReviewSettings> = {}) {
    this.registry = aRegistry({ minimumRoutable: 2, ...registry });
    this.rules = someRules({ mode: 'flag', clear: 2, ...rules });
  }
  /** One review that sees these replicas, and the others healthy. */
  run(seen: readonly ObservedReplica[] = [], changes: Parameters<typeof anObservation>[1] = {}): this {
    const all = regions.map((region) => seen.find((one) => one.region === region) ?? observed(region));
    const { registry, state, rules } = this;
    const step = review(registry, state, anObservation(all, changes), rules, minute(this.minutes));
    this.state = step.after;
    this.events = step.events.map(({ kind, region }) => `${kind} ${region}`);
    this.minutes += 1;
    return this;
  }
  ask(region: string, more: Partial<RehearsalWish> = {}): this {
    const { state } = this;
    if (state === undefined) throw new Error('nothing was reviewed yet');
    const replica = replicaIn(state, region);
    const rehearsals = withRehearsal(state.rehearsals, replica, { ...wish, ...more }, minute(this.minutes));
    this.state = { ...state, rehearsals };
    return this;
  }
  check(
    region: string,
    seen: readonly ObservedReplica[] = [],
    changes: Parameters<typeof anObservation>[1] = {},
  ) {
    const all = regions.map((one) => seen.find((other) => other.region === one) ?? observed(one));
    const observation = anObservation(all, changes);
    return checkRehearsal(this.registry, this.state, observation, this.rules, region, minute(this.minutes));
  }
  refusedBy(...asked: Parameters<Reviews['check']>) {
    const check = this.check(...asked);
    return check.kind === 'checked' ? check.refusedBy : check.kind;
  }
  get flagged(): string[] {
    return (this.state?.replicas ?? []).filter(({ verdict }) => verdict.flagged).map(({ region }) => region);
  }
  get rehearsed(): string[] {
    return (this.state?.rehearsals ?? []).map(
      ({ region, beganAt, heldBy }) =>
        `${region} ${beganAt === undefined ? `waits ${heldBy}`.trim() : 'begun'}`,
    );
  }
}

const outside = (region: string) => observed(region, { globalRouting: 'disabled' });

describe('a rehearsal', () => {
  it('is raised by the next review, as a policy that names who, why and until when', () => {
    const reviews = new Reviews().run().ask('westus').run();
    expect(reviews.events).toEqual(['rehearsalBegan westus', 'flagged westus']);
    expect(replicaIn(reviews.state, 'westus')).toMatchObject({
      evidence: { policy: { routing: 'rehearsal', until: minuteText(61), by: 'ada', reason: 'game day' } },
      verdict: { flagged: true, kinds: ['policy'] },
      reasons: [`a rehearsal keeps it out of global routing: until ${minuteText(61)}`],
    });
    const [signal] = reviews.state?.outbox ?? [];
    expect(signal).toMatchObject({
      type: 'evenkeel.replica.flagged',
      data: {
        evidence: { policy: { routing: 'rehearsal', by: 'ada' } },
        commands: { off: expect.any(String) },
      },
    });
  });

  it('ends with its time, and its flag with it', () => {
    const reviews = new Reviews()
      .run()
      .ask('westus', { forMs: 2 * minuteMs })
      .run()
      .run();
    expect(reviews.flagged).toEqual(['westus']);
    reviews.run();
    expect(reviews.events).toEqual(['rehearsalEnded westus', 'cleared westus']);
    expect(reviews.rehearsed).toEqual([]);
  });

  it('leaves the flag of a replica that became ill meanwhile', () => {
    const reviews = new Reviews({ minimumRoutable: 1 }).run().ask('westus', { forMs: 2 * minuteMs });
    reviews
      .run([failed('westus')])
      .run([failed('westus')])
      .run([failed('westus')])
      .run();
    expect(reviews.rehearsed).toEqual([]);
    expect(reviews.flagged).toEqual(['westus']);
    expect(reviews.run().flagged).toEqual([]);
  });

  it('moves its end when it is asked for again, under the same flag', () => {
    const reviews = new Reviews()
      .run()
      .ask('westus', { forMs: 2 * minuteMs })
      .run();
    const flag = replicaIn(reviews.state, 'westus').verdict.flag;
    reviews.ask('westus', { forMs: hourMs, by: null, reason: null }).run().run();
    expect(reviews.rehearsed).toEqual(['westus begun']);
    expect(reviews.state?.rehearsals).toMatchObject([
      { until: minuteText(62), by: 'ada', reason: 'game day', requestedAt: minuteText(1) },
    ]);
    expect(replicaIn(reviews.state, 'westus').verdict).toMatchObject({ flagged: true, flag });
  });

  it('names nobody and nothing where nobody said who and why', () => {
    const { state } = new Reviews().run().ask('westus', { by: null, reason: null });
    expect(state?.rehearsals).toMatchObject([{ by: null, reason: null, heldBy: [] }]);
  });

  it('still says what holds it when it is asked for again', () => {
    const reviews = new Reviews().run().ask('westus').run([], { controlPlaneError: '503' }).ask('westus');
    expect(reviews.rehearsed).toEqual(['westus waits controlPlane']);
  });

  it('gives way to a policy of the registry that says more', () => {
    const until = minute(600);
    for (const rule of [never('westus'), off('westus', minute(0), until)]) {
      const reviews = new Reviews({ policy: [rule] }).run().ask('westus').run();
      expect(replicaIn(reviews.state, 'westus').evidence.policy?.routing).toBe(rule.routing);
    }
  });

  it('survives storage', () => {
    const { state } = new Reviews().run().ask('westus').run();
    if (state === undefined) throw new Error('nothing was reviewed');
    expect(decodeReviewState('myregistry', encodeReviewState(state))).toEqual(state);
  });

  it('is none in a state that was stored before there were any', () => {
    const { state } = new Reviews().run();
    const { rehearsals: _, ...older } = state ?? {};
    expect(decodeReviewState('myregistry', JSON.stringify(older))?.rehearsals).toEqual([]);
  });
});

describe('a review', () => {
  it.each([
    ['fails', [failed('eastus')], {}],
    ['is out of routing', [outside('eastus')], {}],
    ['is offline', [observed('eastus', { displayStatus: 'Offline' })], {}],
    ['is not found', [absent('eastus', 'notListed')], {}],
    ['could not be read and fails', [unread('eastus', { kind: 'failing', reason: '503', latencyMs: 1 })], {}],
  ] as const)('aborts it when one of just enough others %s', (_, seen, changes) => {
    const reviews = new Reviews().run().ask('westus').run().run(seen, changes);
    expect(reviews.events).toEqual(['rehearsalAborted westus', 'cleared westus']);
    expect(reviews.rehearsed).toEqual([]);
  });

  it.each([
    ['one that could not be read', [unread('eastus')], { controlPlaneError: '503' }],
    ['a throttled endpoint', [{ ...observed('eastus'), reachability: throttled }], {}],
    ['a common cause', regions.map((region) => failed(region)), {}],
  ] as const)('goes on with it past %s', (_, seen, changes) => {
    const reviews = new Reviews().run().ask('westus').run().run(seen, changes);
    expect(reviews.rehearsed).toEqual(['westus begun']);
    expect(reviews.flagged).toEqual(['westus']);
  });

  it('ends it when its replica is gone', () => {
    const reviews = new Reviews({ minimumRoutable: 1 }).run().ask('westus').run();
    reviews.run([absent('westus', 'notListed')]).run([absent('westus', 'notListed')]);
    expect(reviews.events).toContain('rehearsalEnded westus');
    expect(reviews.rehearsed).toEqual([]);
  });

  it('begins none that an interlock refuses meanwhile, and says which', () => {
    const reviews = new Reviews().run().ask('westus');
    reviews.run([], { controlPlaneError: '503' });
    expect(reviews.rehearsed).toEqual(['westus waits controlPlane']);
    expect(reviews.flagged).toEqual([]);
    const status = registryStatus(reviews.registry, 'myregistry.azurecr.io', reviews.state ?? fail());
    expect(status.replicas.find(({ region }) => region === 'westus')).toMatchObject({
      rehearsal: { until: minuteText(61), by: 'ada', reason: 'game day' },
      reasons: [expect.stringContaining('now held by controlPlane')],
      commands: { endRehearsal: 'evenkeel rehearse myregistry.azurecr.io westus --end' },
    });
    expect(reviews.run().rehearsed).toEqual(['westus begun']);
  });

  it('begins one of a replica that its operator has switched off already', () => {
    const reviews = new Reviews()
      .run()
      .ask('westus')
      .run([outside('westus')]);
    expect(reviews.rehearsed).toEqual(['westus begun']);
  });

  it('begins one of a replica that is off already only past what is about more than the switch', () => {
    const reviews = new Reviews().run().ask('westus');
    reviews.run([outside('westus')], { controlPlaneError: '503' });
    expect(reviews.rehearsed).toEqual(['westus waits controlPlane']);
  });

  it('begins none of a replica that it did not read, nor of one that it did not look at', () => {
    const reviews = new Reviews({ minimumRoutable: 1 }).run().ask('westus').ask('eastus');
    const { state } = reviews;
    const elsewhere = state?.rehearsals.map((one) => ({ ...one, replica: 'uksouth', region: 'uksouth' }));
    if (state !== undefined) reviews.state = { ...state, rehearsals: elsewhere?.slice(1) ?? [] };
    reviews.ask('westus').run([unread('westus')]);
    expect(reviews.rehearsed.toSorted()).toEqual(['uksouth waits', 'westus waits']);
    expect(reviews.flagged).toEqual([]);
  });

  it('aborts the newest first, and goes on with an older one that this leaves enough for', () => {
    const reviews = new Reviews({ minimumRoutable: 1 }).run().ask('westus').run().ask('eastus').run();
    expect(reviews.rehearsed.toSorted()).toEqual(['eastus begun', 'westus begun']);
    reviews.run([failed('westeurope')]);
    expect(reviews.rehearsed).toEqual(['westus begun']);
    expect(reviews.events).toContain('rehearsalAborted eastus');
  });

  it('begins no second one below the minimum', () => {
    const reviews = new Reviews().run().ask('westus').ask('eastus').run();
    expect(reviews.rehearsed).toEqual(['westus begun']);
    expect(reviews.events).toContain('rehearsalAborted eastus');
  });

  it('begins no more than the change budget allows, where evenkeel turns the switch', () => {
    const registry = { minimumRoutable: 1 };
    const reviews = new Reviews(registry, { mode: 'enforce', changesPerHour: 1 }).run();
    reviews.ask('westus').ask('eastus').run();
    expect(reviews.rehearsed.toSorted()).toEqual(['eastus waits changeBudget', 'westus begun']);
    const others = new Reviews(registry, { mode: 'flag', changesPerHour: 1 }).run();
    expect(others.ask('westus').ask('eastus').run().rehearsed.toSorted()).toEqual([
      ...['eastus begun', 'westus begun'],
    ]);
  });
});

const fail = (): never => {
  throw new Error('nothing was reviewed');
};

describe('what if', () => {
  it('evaluates every interlock on what is seen now, and leaves the state as it is', () => {
    const reviews = new Reviews().run();
    const before = structuredClone(reviews.state);
    const check = reviews.check('westus');
    expect(check).toMatchObject({ kind: 'checked', refusedBy: [] });
    expect(check.kind === 'checked' && check.interlocks.map(({ rule }) => rule)).toEqual([
      'minimumRoutable',
      'commonCause',
      'controlPlane',
      'changeBudget',
      'holdDown',
      'anotherWriter',
      'homeRegion',
    ]);
    expect(reviews.state).toEqual(before);
  });

  it.each([
    ['an endpoint that fails', [failed('eastus')], {}, ['minimumRoutable']],
    [
      'a replica that cannot be read',
      [unread('eastus')],
      { controlPlaneError: '503' },
      ['minimumRoutable', 'controlPlane'],
    ],
    [
      'every endpoint failing',
      regions.map((region) => failed(region)),
      {},
      ['minimumRoutable', 'commonCause'],
    ],
    ['the replica itself not being read', [unread('westus')], { controlPlaneError: '503' }, ['controlPlane']],
    ['a replica off by somebody else', [outside('westus')], {}, ['anotherWriter']],
    [
      'the replica being updated',
      [observed('westus', { provisioningState: 'Updating' })],
      {},
      ['anotherWriter'],
    ],
    ['a region without a replica', [absent('westus', 'notListed')], {}, 'noReplica'],
    ['a replica that only the list shows', [absent('westus', 'listed')], {}, 'unknown'],
  ] as const)('refuses for %s', (_, seen, changes, refusedBy) => {
    expect(new Reviews().run().refusedBy('westus', seen, changes)).toEqual(refusedBy);
  });

  it('tells an unknown region from one that Resource Manager could not show', () => {
    const reviews = new Reviews();
    expect(reviews.refusedBy('brazilsouth')).toBe('noReplica');
    expect(reviews.refusedBy('brazilsouth', [], { controlPlaneError: '503' })).toBe('unknown');
  });

  it('goes by observation alone before the first review', () => {
    expect(new Reviews().refusedBy('westus')).toEqual([]);
  });

  it('refuses what would leave too few beside another rehearsal, also one that still waits', () => {
    const reviews = new Reviews().run().ask('eastus');
    expect(reviews.refusedBy('westus')).toEqual(['minimumRoutable']);
    const updating = observed('eastus', { provisioningState: 'Updating' });
    expect(reviews.refusedBy('westus', [updating])).toEqual(['minimumRoutable']);
    expect(reviews.run().refusedBy('westus')).toEqual(['minimumRoutable']);
  });

  it.each([
    ['enforce', ['changeBudget']],
    ['flag', []],
  ] as const)('counts one that still waits as a change to come, in mode %s', (mode, refusedBy) => {
    const rules = { mode, changesPerHour: 1 };
    const reviews = new Reviews({ minimumRoutable: 1 }, rules).run().ask('eastus');
    expect(reviews.refusedBy('westus')).toEqual(refusedBy);
    // Its own is the change that is asked for.
    expect(reviews.refusedBy('eastus')).toEqual([]);
  });

  it('leaves every replica out of account that some rehearsal takes out', () => {
    const reviews = new Reviews({ minimumRoutable: 1 }).run().ask('eastus').ask('westeurope');
    expect(reviews.refusedBy('westus')).toEqual(['minimumRoutable']);
  });

  it('refuses one that still waits for every reason, as when it was asked for', () => {
    const reviews = new Reviews().run().ask('westus');
    expect(reviews.refusedBy('westus', [], { controlPlaneError: '503' })).toEqual(['controlPlane']);
  });

  it('clears no flag by its own look', () => {
    const reviews = new Reviews({}, { raise: { bad: 1, of: 1 }, clear: 1 }).run().run([failed('eastus')]);
    expect(reviews.flagged).toEqual(['eastus']);
    expect(reviews.refusedBy('westus')).toEqual(['minimumRoutable']);
  });

  it('holds one that has begun to the minimum alone, so that its end can be moved', () => {
    const reviews = new Reviews({}, { mode: 'enforce' }).run().ask('westus').run();
    expect(replicaIn(reviews.state, 'westus').intent?.to).toBe('disabled');
    expect(reviews.refusedBy('westus', [outside('westus')])).toEqual([]);
    expect(reviews.refusedBy('westus', [outside('westus'), failed('eastus')])).toEqual(['minimumRoutable']);
  });
});
