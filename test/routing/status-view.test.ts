import { describe, expect, it } from 'vitest';
import type { ReplicaState, ReviewState } from '../../src/routing/state.ts';
import { registryStatus } from '../../src/routing/status-view.ts';
import { aRegistry, aReplicaState, minuteText, replicaIn, stateAfter } from './fixtures.ts';

const bareEvidence = { ...aReplicaState('westus').evidence, provisioning: null };

describe('the status of a registry', () => {
  const status = (state: ReviewState) => registryStatus(aRegistry(), 'myregistry.azurecr.io', state);
  const changed = (changes: Partial<ReplicaState>): ReviewState => {
    const state = stateAfter(1);
    return {
      ...state,
      replicas: state.replicas.map((one) => (one.region === 'westus' ? { ...one, ...changes } : one)),
    };
  };
  it('shows each replica with its verdict, its reasons, its interlocks and both commands', () => {
    const [eastus, westus] = status(stateAfter(4)).replicas;
    expect(eastus).toMatchObject({
      region: 'eastus',
      name: 'eastus',
      routed: true,
      verdict: 'ok',
      reasons: [],
      disabledByUs: false,
      reversals: 0,
      contested: false,
    });
    expect(westus).toMatchObject({
      verdict: 'flagged',
      since: minuteText(0),
      evidence: { policy: { routing: 'never' } },
      reasons: [
        'its regional endpoint is unavailable: 503',
        'the policy of the registry keeps it out of global routing',
      ],
      interlocks: expect.arrayContaining([
        {
          rule: 'minimumRoutable',
          pass: true,
          detail: 'other replicas that are routed and healthy: 1 (at least 1 required)',
        },
      ]),
      commands: { off: expect.stringMatching(/false$/), on: expect.stringMatching(/true$/) },
    });
  });
  it('shows the registry', () => {
    expect(status(stateAfter(1))).toMatchObject({
      registry: 'myregistry',
      reviewedAt: minuteText(0),
      mode: 'enforce',
      frozen: null,
      commonCause: false,
      home: 'eastus',
      unpublishedSignals: 1,
      problems: [],
    });
  });
  it('shows what is not known as null', () => {
    const { home: _, ...state } = changed({ evidence: bareEvidence, intent: undefined });
    const shown = registryStatus(aRegistry(), undefined, state);
    expect(shown).toMatchObject({ loginServer: null, home: null, availability: null, route: null });
    expect(shown.replicas[1]).toMatchObject({
      ...{ status: null, lastChange: null, contested: false, contestedBy: null, rehearsal: null },
      ...{ commands: { resume: null, endRehearsal: null }, infrastructureCode: null },
    });
  });
  it('shows what others say of the registry, and why its decisions are frozen', () => {
    const controlPlaneError = { since: minuteText(0), reason: '503' };
    const told = { availability: { state: 'Unavailable' }, route: ['r1.westus.cloudapp.azure.com'] };
    const { frozen, availability, route, replicas } = status({
      ...stateAfter(1),
      ...told,
      controlPlaneError,
    });
    expect({ frozen, availability, route }).toEqual({ frozen: controlPlaneError, ...told });
    expect(replicas[0]?.status).toBe('Ready');
    expect(replicas[0]?.notes).toHaveLength(2);
  });
  it('shows a rehearsal, with what it waits for until it begins', () => {
    const rehearsal = {
      ...{ replica: 'westus', region: 'westus', requestedAt: minuteText(0), until: minuteText(60) },
      ...{ by: 'ada', reason: null, heldBy: [] },
    };
    const westusOf = (changes: Partial<ReviewState['rehearsals'][number]>) =>
      registryStatus(aRegistry(), undefined, {
        ...changed({ reasons: [] }),
        rehearsals: [{ ...rehearsal, ...changes }],
      }).replicas[1];
    const waits = `a rehearsal until ${minuteText(60)} begins with the next review in which every interlock passes`;
    expect(westusOf({})).toMatchObject({
      reasons: expect.arrayContaining([waits]),
      rehearsal: { until: minuteText(60), by: 'ada', reason: null },
      commands: { endRehearsal: 'evenkeel rehearse myregistry westus --end' },
    });
    expect(westusOf({ heldBy: ['holdDown', 'controlPlane'] })?.reasons).toContain(
      `${waits}; now held by holdDown, controlPlane`,
    );
    expect(westusOf({ beganAt: minuteText(1) })?.reasons.join()).not.toContain('begins with');
  });
  it.each<[ReplicaState['routing'], boolean | null]>([
    ['enabled', true],
    ['disabled', false],
    ['unknown', null],
    ['unread', null],
  ])('shows routing that is %s as %s', (routing, routed) => {
    expect(status(changed({ routing })).replicas[1]?.routed).toBe(routed);
  });
  it('names who contests a replica', () => {
    const contested = { since: minuteText(0), lastModifiedBy: 'terraform' };
    expect(status(changed({ contested })).replicas[1]).toMatchObject({
      contested: true,
      contestedBy: 'terraform',
      commands: { resume: expect.stringContaining('evenkeel:globalRouting=resume-') },
      infrastructureCode: { terraform: expect.stringContaining('ignore_changes') },
    });
    expect(status(changed({ contested: { since: minuteText(0) } })).replicas[1]).toMatchObject({
      ...{ contested: true, contestedBy: null },
    });
  });
  it('still shows why a flag was raised when the reason has gone', () => {
    const { verdict } = replicaIn(stateAfter(1), 'westus');
    expect(status(changed({ reasons: [], verdict })).replicas[1]?.reasons).toEqual([
      'earlier: its regional endpoint is unavailable: 503',
      'earlier: the policy of the registry keeps it out of global routing',
      'until it is cleared, its regional endpoint has to answer 200 or 401; now: its regional endpoint is unavailable: 503',
    ]);
    const cleared = { ...verdict, flagged: false };
    expect(status(changed({ reasons: [], verdict: cleared })).replicas[1]?.reasons).toEqual([]);
  });
});
