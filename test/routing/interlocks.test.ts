import { describe, expect, it } from 'vitest';
import { evaluateInterlocks, isBelowMinimum, type ProposedChange } from '../../src/routing/interlocks.ts';
import type { ReplicaState } from '../../src/routing/state.ts';
import { aReplicaState, flagged, hourMs, minute, minuteText, someRules } from './fixtures.ts';

const aChange = (changes: Partial<ProposedChange> = {}): ProposedChange => ({
  to: 'disabled',
  replica: aReplicaState('westus', flagged()),
  others: [aReplicaState('eastus'), aReplicaState('uksouth')],
  minimumRoutable: 2,
  home: 'eastus',
  isCommonCause: false,
  controlPlaneError: undefined,
  recentChangeCount: 0,
  rules: someRules(),
  now: minute(60),
  ...changes,
});

function says(rule: string, changes: Partial<ProposedChange> = {}) {
  const interlock = evaluateInterlocks(aChange(changes)).find((one) => one.rule === rule);
  if (interlock === undefined) throw new Error(`no interlock is called ${rule}`);
  return interlock;
}
const passes = (rule: string, changes: Partial<ProposedChange> = {}) => says(rule, changes).pass;
const switchingOn: Partial<ProposedChange> = {
  to: 'enabled',
  replica: aReplicaState('westus', { routing: 'disabled', disabledByUs: true }),
};
const inState = (state: string, displayStatus?: string) => ({
  evidence: {
    ...aReplicaState('uksouth').evidence,
    provisioning: { state, displayStatus, since: minuteText(0) },
  },
});

const notFound = { evidence: { ...aReplicaState('uksouth').evidence, absent: 'listUnread' } } as const;

describe('the interlocks', () => {
  it('are all evaluated, so that people see every rule in the way', () => {
    const change = aChange({
      isCommonCause: true,
      controlPlaneError: '503',
      recentChangeCount: 9,
      minimumRoutable: 9,
    });
    const results = evaluateInterlocks(change);
    expect(results.map(({ rule, pass }) => `${rule} ${pass}`)).toEqual([
      'minimumRoutable false',
      'commonCause false',
      'controlPlane false',
      'changeBudget false',
      'holdDown true',
      'anotherWriter true',
      'homeRegion true',
    ]);
    expect(results.map(({ detail }) => detail)).toEqual([
      'other replicas that are routed and healthy: 2 (at least 9 required)',
      'no probed endpoint is reachable, so the fault may be on the way there',
      'Resource Manager does not answer: 503',
      'changes to the registry in the last hour: 9 of 2 allowed',
      'no change so far',
      'reversals by others: 0 (contested at 3)',
      'the home region is eastus',
    ]);
  });
  it('say why they pass, too', () => {
    const intent = { to: 'enabled', at: minuteText(0), outcome: 'done' } as const;
    const replica = aReplicaState('westus', { intent, reversals: 1 });
    expect(evaluateInterlocks(aChange({ replica })).map(({ detail }) => detail)).toEqual([
      'other replicas that are routed and healthy: 2 (at least 2 required)',
      'the endpoints are not all unreachable',
      'Resource Manager answers',
      'changes to the registry in the last hour: 0 of 2 allowed',
      `last change at ${minuteText(0)}`,
      'reversals by others: 1 (contested at 3)',
      'the home region is eastus',
    ]);
  });
});

describe('minimumRoutable', () => {
  const beside = (changes: Partial<ReplicaState>) => ({
    others: [aReplicaState('eastus'), aReplicaState('uksouth', changes)],
  });
  it('passes while enough others are routed and healthy', () => {
    expect(says('minimumRoutable')).toMatchObject({
      pass: true,
      detail: 'other replicas that are routed and healthy: 2 (at least 2 required)',
    });
    expect(passes('minimumRoutable', { minimumRoutable: 3 })).toBe(false);
  });
  it.each<[string, Partial<ReplicaState>]>([
    ['is flagged', flagged()],
    ['is bad in this review', { health: 'bad' }],
    ['is switched off', { routing: 'disabled' }],
    ['may or may not be routed', { routing: 'unknown' }],
    ['was not read by id', { routing: 'unread' }],
    ['is being created', inState('Creating')],
    ['is being deleted', inState('Deleting')],
    ['is being seeded', inState('Succeeded', 'Syncing')],
    ['was bad when it was last seen', { unrecovered: ['endpoint'] }],
    [
      'an earlier change may be about to switch off',
      { intent: { to: 'disabled', at: minuteText(59), outcome: 'pending' } },
    ],
  ])('does not count one that %s', (_, changes) => {
    expect(passes('minimumRoutable', beside(changes))).toBe(false);
  });
  it.each<[string, Partial<ReplicaState>]>([
    ['is being updated', inState('Updating')],
    ['is inconclusive', { health: 'inconclusive' }],
    [
      'an earlier change may be about to switch on',
      { intent: { to: 'enabled', at: minuteText(59), outcome: 'pending' } },
    ],
    [
      'a failed change left in routing',
      { intent: { to: 'disabled', at: minuteText(59), outcome: 'failed' } },
    ],
  ])('counts one that %s', (_, changes) => {
    expect(passes('minimumRoutable', beside(changes))).toBe(true);
  });
  it.each<[string, Partial<ReplicaState>, boolean]>([
    ['serves', {}, false],
    ['is out of routing', { routing: 'disabled' }, true],
    ['could not be read', { routing: 'unread' }, false],
    ['… and is not found by its id', { routing: 'unread', ...notFound }, true],
    ['… and is flagged', { routing: 'unread', ...flagged() }, true],
    ['… and was switched off by evenkeel', { routing: 'unread', disabledByUs: true }, true],
    ['… and is bad', { routing: 'unread', health: 'bad' }, true],
    ['… and was bad when it was last seen', { routing: 'unread', unrecovered: ['endpoint'] }, true],
  ])('is undercut for a rehearsal when one of just enough others %s: %j', (_, changes, expected) => {
    expect(isBelowMinimum({ ...beside(changes), minimumRoutable: 2 })).toBe(expected);
  });
  it('never prevents a replica from being switched on', () => {
    expect(passes('minimumRoutable', { ...switchingOn, others: [] })).toBe(true);
  });
});

describe.each([
  ['commonCause', { isCommonCause: true }],
  ['controlPlane', { controlPlaneError: 'no answer in time' }],
  ['changeBudget', { recentChangeCount: 2 }],
])('%s', (rule, changes) => {
  it('refuses changes in both directions, and passes otherwise', () => {
    expect(passes(rule)).toBe(true);
    expect(passes(rule, changes)).toBe(false);
    expect(passes(rule, { ...switchingOn, ...changes })).toBe(false);
  });
});

describe('controlPlane', () => {
  it('gives the reason', () => {
    expect(says('controlPlane', { controlPlaneError: 'no answer in time' }).detail).toContain(
      'no answer in time',
    );
  });
});

describe('changeBudget', () => {
  it('refuses every change when the budget is zero', () => {
    expect(passes('changeBudget', { rules: someRules({ changesPerHour: 0 }) })).toBe(false);
  });
});

describe('holdDown', () => {
  const changed = (changes: Partial<ReplicaState>): Partial<ProposedChange> => ({
    replica: aReplicaState('westus', changes),
  });
  const at = minuteText(51);
  it.each<[string, Partial<ReplicaState>, boolean]>([
    ['a replica that never changed', {}, true],
    ['9 minutes after a change', { intent: { to: 'disabled', at, outcome: 'done' } }, false],
    ['10 minutes after a change', { intent: { to: 'disabled', at: minuteText(50), outcome: 'done' } }, true],
    ['9 minutes after one that failed', { intent: { to: 'enabled', at, outcome: 'failed' } }, false],
    [
      '9 minutes after one that the identity may not make',
      { intent: { to: 'enabled', at, outcome: 'refused' } },
      true,
    ],
    ['9 minutes after one that was never sent', { intent: { to: 'disabled', at, outcome: 'notSent' } }, true],
    [
      '9 minutes after a reversal',
      { intent: { to: 'disabled', at: minuteText(0), outcome: 'done' }, reversedAt: at },
      false,
    ],
  ])('of %s', (_, changes, expected) => {
    expect(passes('holdDown', changed(changes))).toBe(expected);
  });
  it('also prevents a replica that was switched off from being switched on', () => {
    const replica = aReplicaState('westus', {
      disabledByUs: true,
      intent: { to: 'disabled', at, outcome: 'done' },
    });
    expect(says('holdDown', { to: 'enabled', replica })).toMatchObject({
      pass: false,
      detail: expect.stringContaining(minuteText(61)),
    });
  });
  it('lasts as long as the setting says', () => {
    const replica = aReplicaState('westus', { intent: { to: 'disabled', at, outcome: 'done' } });
    expect(passes('holdDown', { replica, rules: someRules({ holdDownMs: 1 }) })).toBe(true);
    expect(passes('holdDown', { replica, now: minute(110), rules: someRules({ holdDownMs: hourMs }) })).toBe(
      false,
    );
  });
});

describe('anotherWriter', () => {
  const forFlagged = (changes: Partial<ReplicaState>): Partial<ProposedChange> => ({
    replica: aReplicaState('westus', { ...flagged(), ...changes }),
  });
  it.each<[string, Partial<ReplicaState>, boolean]>([
    ['a replica that nobody else touched', {}, true],
    ['one that was reversed less often than the limit', { reversals: 2 }, true],
    [
      'one that is contested',
      { reversals: 3, contested: { since: minuteText(0), lastModifiedBy: 'terraform' } },
      false,
    ],
    ['one that somebody else switched off', { routing: 'disabled' }, false],
    ['one that evenkeel switched off', { routing: 'disabled', disabledByUs: true }, true],
    ['one that is being changed right now', inState('Updating'), false],
  ])('of %s', (_, changes, expected) => {
    expect(passes('anotherWriter', forFlagged(changes))).toBe(expected);
  });
  it('names the last writer', () => {
    const contested = { since: minuteText(0), lastModifiedBy: 'terraform' };
    expect(says('anotherWriter', forFlagged({ reversals: 3, contested })).detail).toContain(
      'terraform reversed it 3 times',
    );
    const byNobody = forFlagged({ reversals: 3, contested: { since: minuteText(0) } });
    expect(says('anotherWriter', byNobody).detail).toContain('another writer reversed it');
  });
});

describe('homeRegion', () => {
  it('warns about the home region, and passes', () => {
    const { pass, detail } = says('homeRegion', { home: 'westus' });
    expect(pass).toBe(true);
    expect(detail).toMatch(/^warning: this is the home region/);
  });
  it('does not warn about another region, or when a replica is switched on', () => {
    expect(says('homeRegion').detail).not.toMatch(/warning/);
    expect(says('homeRegion', { home: undefined }).detail).toMatch(/not known/);
    expect(says('homeRegion', { ...switchingOn, home: 'westus' }).detail).toBe('this is the home region');
  });
});
