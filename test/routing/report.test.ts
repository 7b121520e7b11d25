import { metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MissingPermissionError } from '../../src/lib/errors.ts';
import { lineLog } from '../../src/lib/log.ts';
import { logReview } from '../../src/routing/report.ts';
import type { RegistryOutcome } from '../../src/routing/review-registries.ts';
import type { ReviewEvent } from '../../src/routing/signals.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import { aRegistry, minuteText, replicaIn, stateAfter, throttled } from './fixtures.ts';

const counted: unknown[] = [];
beforeEach(() => {
  counted.length = 0;
  const counter = (name: string) => ({
    add: (_: number, attributes: object) => counted.push({ name, ...attributes }),
  });
  const noop = metrics.getMeterProvider().getMeter('test');
  const meter = Object.assign(Object.create(noop), { createCounter: counter });
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
});
afterEach(() => metrics.disable());

type Reviewed = Extract<RegistryOutcome, { readonly result: 'reviewed' }>;
const state = stateAfter(1);
/** A review in which nothing happened, of a registry whose westus is kept out by a policy. */
const reviewed = (changes: Partial<Reviewed> = {}): Reviewed => ({
  registry: aRegistry(),
  loginServer: 'myregistry.azurecr.io',
  result: 'reviewed',
  stateReset: false,
  state,
  events: [],
  changes: [],
  refusal: undefined,
  ...changes,
});

/** The lines that are logged, each as `level message` and its fields without the registry's. */
function linesOf(outcome: RegistryOutcome): { readonly line: string; readonly fields: object }[] {
  const lines: { line: string; fields: object }[] = [];
  const at = (level: string) => (text: string) => {
    const start = text.indexOf(' {');
    const { registry: _, loginServer: __, ...fields } = JSON.parse(text.slice(start));
    lines.push({ line: `${level} ${text.slice(0, start)}`, fields });
  };
  logReview(outcome, lineLog({ info: at('info'), warn: at('warn'), error: at('error') }));
  return lines;
}
const messagesOf = (outcome: RegistryOutcome) => linesOf(outcome).map(({ line }) => line);
const fieldsOf = (outcome: RegistryOutcome, message: string) =>
  linesOf(outcome).find(({ line }) => line.endsWith(message))?.fields;

describe('what is logged of the review of a registry', () => {
  it('is one line when nothing happened, with how things stand', () => {
    expect(linesOf(reviewed())).toEqual([
      {
        line: 'info registry reviewed',
        fields: {
          result: 'reviewed',
          replicas: 2,
          flagged: ['westus'],
          controlPlaneError: null,
          commonCause: false,
          throttled: [],
          availability: null,
        },
      },
    ]);
  });

  it('says why decisions are frozen, who throttles, and what Azure says of the registry', () => {
    const replicas = state.replicas.map((replica) =>
      replica.region === 'eastus'
        ? { ...replica, evidence: { ...replica.evidence, reachability: throttled } }
        : replica,
    );
    const ill: ReviewState = {
      ...{ ...state, replicas, commonCause: true },
      controlPlaneError: { since: minuteText(0), reason: 'no answer in time' },
      availability: { state: 'Unavailable' },
    };
    expect(fieldsOf(reviewed({ state: ill }), 'registry reviewed')).toMatchObject({
      controlPlaneError: 'no answer in time',
      commonCause: true,
      throttled: ['eastus'],
      availability: 'Unavailable',
    });
    expect(counted).toEqual([
      {
        name: 'evenkeel.replicas.throttles',
        registry: 'myregistry',
        loginServer: 'myregistry.azurecr.io',
        region: 'eastus',
      },
    ]);
  });

  it.each<[level: string, ReviewEvent['kind']]>([
    ['warn', 'flagged'],
    ['warn', 'contested'],
    ['warn', 'reversed'],
    ['warn', 'failed'],
    ['warn', 'rolledBack'],
    ['warn', 'rehearsalAborted'],
    ['info', 'cleared'],
    ['info', 'finished'],
    ['info', 'gone'],
    ['info', 'rehearsalBegan'],
  ])('at level %s that a replica was %s, which is counted', (level, kind) => {
    const outcome = reviewed({ events: [{ replica: 'westus', region: 'westus', kind }] });
    expect(messagesOf(outcome)).toEqual([`${level} replica reviewed`, 'info registry reviewed']);
    expect(counted).toEqual([
      {
        name: 'evenkeel.replicas.changes',
        registry: 'myregistry',
        loginServer: 'myregistry.azurecr.io',
        happened: kind,
      },
    ]);
  });

  it('names the reasons of a flag and the interlocks that refuse', () => {
    const interlocks = [
      { rule: 'holdDown', pass: true, detail: '' },
      { rule: 'minimumRoutable', pass: false, detail: '' },
    ];
    const replicas = state.replicas.map((replica) => ({ ...replica, interlocks }));
    const events = [{ replica: 'westus', region: 'westus', kind: 'flagged' as const }];
    expect(fieldsOf(reviewed({ state: { ...state, replicas }, events }), 'replica reviewed')).toEqual({
      ...{ replica: 'westus', region: 'westus', happened: 'flagged', blockedBy: ['minimumRoutable'] },
      reasons: replicaIn(state, 'westus').reasons,
    });
  });

  it('has no reasons for a replica that is gone', () => {
    const events = [{ replica: 'uksouth', region: 'uksouth', kind: 'gone' as const }];
    expect(fieldsOf(reviewed({ events }), 'replica reviewed')).toEqual({
      ...{ replica: 'uksouth', region: 'uksouth', happened: 'gone', reasons: [], blockedBy: [] },
    });
  });

  it('tells each change, what refuses them, each problem, and that the stored review was lost', () => {
    const change = { replica: 'westus', to: 'disabled', outcome: 'refused', detail: '403' } as const;
    const refusal = new MissingPermissionError('set global routing', 'myregistry', 'Contributor', '403');
    const problems = ['myregistry has no replica in norwayeast'];
    const outcome = reviewed({
      ...{ stateReset: true, changes: [change], refusal, state: { ...state, problems } },
    });
    expect(linesOf(outcome).slice(0, -1)).toEqual([
      { line: 'warn registry review state reset', fields: {} },
      { line: 'info replica routing changed', fields: change },
      {
        line: 'error replica routing refused',
        fields: { reason: 'MissingPermissionError', detail: refusal.message },
      },
      { line: 'warn registry has a problem', fields: { reason: problems[0] } },
    ]);
  });

  it('is one line of a run that was overtaken, because the other logs the same', () => {
    const { registry, loginServer } = reviewed();
    const outcome = { registry, loginServer, result: 'lostRace', stateReset: false } as const;
    expect(linesOf(outcome)).toEqual([{ line: 'info registry reviewed', fields: { result: 'lostRace' } }]);
  });

  it.each<[string, unknown, object]>([
    ['an error', new RangeError('too far'), { reason: 'RangeError', detail: 'too far' }],
    ['anything else that was thrown', 'too far', { reason: 'Error', detail: 'too far' }],
  ])('says why it failed with %s', (_, error, fields) => {
    const { registry, loginServer } = reviewed();
    expect(linesOf({ registry, loginServer, result: 'failed', error })).toEqual([
      { line: 'error registry review failed', fields },
    ]);
    expect(counted).toEqual([]);
  });

  it('counts under an empty login server until that is known', () => {
    const events = [{ replica: 'westus', region: 'westus', kind: 'flagged' as const }];
    const replicas = state.replicas.map((replica) => ({
      ...replica,
      evidence: { ...replica.evidence, reachability: throttled },
    }));
    linesOf(reviewed({ loginServer: undefined, events, state: { ...state, replicas } }));
    expect(counted).toHaveLength(3);
    for (const one of counted) expect(one).toMatchObject({ loginServer: '' });
  });
});
