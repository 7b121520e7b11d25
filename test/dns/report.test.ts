import { metrics } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import type { ForeignRecords } from '../../src/dns/plan.ts';
import type { DnsPolicy } from '../../src/dns/policy.ts';
import { createRateLimiter } from '../../src/dns/rate-limiter.ts';
import { type ObservedRecordSet, recordSetId } from '../../src/dns/record-set.ts';
import { reconcileAndReport } from '../../src/dns/report.ts';
import { ThrottledError } from '../../src/lib/errors.ts';
import { type LogFields, lineLog } from '../../src/lib/log.ts';
import { goodSetting } from '../../src/settings/setting.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { countedMetrics } from '../support/counted-metrics.ts';
import {
  aKey,
  groupId,
  hostOf,
  now,
  ownA,
  ownPtr,
  ptrKey,
  recordSet,
  spokeOf,
  zoneMapOf,
  zones,
} from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';
import { writesOf } from './reconcile-once.ts';

const web = groupId('web');
const api = groupId('api');
const here = '10.1.0.4';

afterEach(() => metrics.disable());

interface Invocation {
  readonly azure: InMemoryAzure;
  readonly foreignRecords?: ForeignRecords;
  readonly policy?: DnsPolicy;
  readonly map?: typeof zones;
  readonly facts?: LogFields;
  readonly hasQueue?: boolean;
  readonly topicFails?: boolean;
  readonly group?: typeof web;
}

/** One invocation, and all that it tells: lines, metrics, signals and the journal. */
async function report({
  azure,
  foreignRecords = 'overwrite',
  policy = 'sync',
  map = zones,
  facts = {},
  hasQueue = true,
  topicFails = false,
  group = web,
}: Invocation) {
  const lines: string[] = [];
  const line = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const signals: Signal[] = [];
  const journal: string[] = [];
  const counted = countedMetrics();
  const ports = {
    ...azure.ports,
    requeueQueue: hasQueue ? azure.ports.requeueQueue : undefined,
    clock: { now: () => now, sleep: async () => {} },
    rateLimiter: createRateLimiter(() => 0),
    random: () => 0,
    signals: {
      publish: async (some: readonly Signal[]) => {
        signals.push(...some);
        if (topicFails) throw new Error('no topic');
      },
    },
    journal: {
      recordRepair: (trigger: string, spoke: string) => void journal.push(`repair ${trigger} ${spoke}`),
      recordReconciled: (key: string) => void journal.push(`reconciled ${key}`),
      recordConflict: (key: string, { owner }: { readonly owner: string }) =>
        void journal.push(`conflict ${key} ${owner}`),
      flush: async () => void journal.push('flush'),
    },
  };
  const request = { group, spoke: spokeOf(group, map), zones: map, hints: [], recordSets: [] };
  const error = await reconcileAndReport(
    { ...request, trigger: 'event' },
    { foreignRecords: goodSetting(foreignRecords), dnsPolicy: goodSetting(policy) },
    facts,
    async () => ports,
    lineLog({ info: line('info'), warn: line('warn'), error: line('error') }),
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, lines, signals, journal, counted, writes: writesOf(azure.calls) };
}

function azureWith(...sets: readonly ObservedRecordSet[]): InMemoryAzure {
  const azure = new InMemoryAzure();
  azure.address(web, here);
  azure.put(...sets);
  return azure;
}

describe('a reconcile tells', () => {
  it('of a repair: one line, the outcome, the repair, its lag, and the journal', async () => {
    const { lines, counted, journal, signals, error } = await report({
      azure: azureWith(),
      facts: { lagMs: 7 },
    });
    expect(error).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^info dns reconciled .*"result":"created"/)]);
    expect(lines[0]).not.toContain('dueInMs');
    expect(counted).toEqual([
      ['evenkeel.dns.outcomes', 1, { outcome: 'created' }],
      ['evenkeel.dns.repairs', 1, { result: 'created', trigger: 'event' }],
      ['evenkeel.dns.lag', 7, { result: 'created', trigger: 'event' }],
    ]);
    expect(journal).toEqual(['repair event rg-spoke-a', `reconciled ${web.key}`, 'flush']);
    expect(signals).toEqual([]);
  });

  it('of one that is put off: when it is due', async () => {
    const azure = azureWith();
    azure.before = (call) => {
      if (call.kind === 'read') throw new ThrottledError('read', 'zone', 60_000);
    };
    const { lines } = await report({ azure });
    expect(lines).toEqual([
      expect.stringMatching(/^info dns reconciled .*"result":"deferred".*"dueInMs":60000/),
    ]);
  });

  it('of no lag that nobody knows', async () => {
    const { counted } = await report({ azure: azureWith(), facts: { lagMs: undefined } });
    expect(counted).toHaveLength(2);
  });

  it('of records that were right: no repair', async () => {
    const azure = azureWith(ownA(web, here), ownPtr(web, here));
    const { counted, journal } = await report({ azure, facts: { lagMs: 7 } });
    expect(counted).toEqual([['evenkeel.dns.outcomes', 1, { outcome: 'nothingToDo' }]]);
    expect(journal).toEqual([`reconciled ${web.key}`, 'flush']);
  });

  it('of a record set that is left alone: a warning and a signal, and nothing that was put right', async () => {
    const azure = azureWith(recordSet(aKey(web), ['10.1.0.9']));
    const { lines, journal, signals, counted } = await report({ azure, foreignRecords: 'refuse' });
    expect(lines[0]).toMatch(/^warn record set left alone .*"reason":"foreign"/);
    expect(signals).toMatchObject([{ subject: recordSetId(aKey(web)), data: { reason: 'foreign' } }]);
    expect(journal).toEqual(['flush']);
    expect(counted).toEqual([['evenkeel.dns.outcomes', 1, { outcome: 'refused' }]]);
  });

  it('of a conflict: a count, a signal, the journal, and the failure that names what was put right', async () => {
    const azure = azureWith({ ...ownA(api, here), key: aKey(web) });
    azure.address(api, '10.1.0.5');
    const map = zoneMapOf({
      'rg-spoke-a': {
        forwardZone: aKey(web).zone.name,
        zoneResourceGroup: 'rg-hub-dns',
        hostNameTag: 'host',
      },
    });
    azure.groups.set(api.key, { kind: 'addressed', address: here, isRunning: true, tags: { host: 'web' } });
    for (const topicFails of [false, true]) {
      const told = await report({ azure, map, topicFails });
      expect(told.error).toMatchObject({ name: 'OwnershipConflictError' });
      expect(told.journal).toEqual([`conflict ${web.key} ${api.key}`, 'flush']);
      expect(told.signals).toMatchObject([{ data: { owner: api.key, contender: web.key } }]);
      expect(told.counted).toEqual([
        ['evenkeel.dns.conflicts', 1, {}],
        ['evenkeel.dns.outcomes', 1, { outcome: 'OwnershipConflictError' }],
      ]);
      expect(told.lines.at(-1)).toMatch(/^error dns reconciling failed .*"changes":\[\]/);
      expect(told.lines).toHaveLength(topicFails ? 2 : 1);
    }
  });

  it('of a failure: what was put right before it, and no conflict', async () => {
    const azure = azureWith();
    azure.before = (call) => {
      if (call.kind === 'create' && call.key.type === 'PTR') throw new Error('403');
    };
    const { error, lines, journal, signals, counted } = await report({ azure });
    expect(error).toMatchObject({ message: '403' });
    expect(lines).toEqual([expect.stringContaining(`"changes":["create A ${hostOf(web)} ${here}"]`)]);
    expect({ journal, signals }).toEqual({ journal: [], signals: [] });
    expect(counted).toEqual([['evenkeel.dns.outcomes', 1, { outcome: 'Error' }]]);
  });

  it('of a name that is no DNS label', async () => {
    const group = groupId('a_b');
    const azure = azureWith();
    azure.address(group, here);
    const { lines } = await report({ azure, group });
    expect(lines[0]).toMatch(/^error container group name is no DNS label .*"hostName":"a_b"/);
  });

  it('of an address outside every reverse zone', async () => {
    const azure = azureWith();
    azure.address(web, '192.168.0.4');
    const { lines } = await report({ azure });
    expect(lines[0]).toMatch(/^warn address outside every reverse zone .*"address":"192.168.0.4"/);
    expect(lines[1]).toMatch(/^info dns reconciled .*"uncoveredAddress":"192.168.0.4"/);
  });

  it.each([
    [false, /^warn re-check not queued .*DEFERRAL/],
    [true, /^info dns reconciled .*"result":"removed"/],
  ])('of a re-check that no queue takes, with a queue: %s', async (hasQueue, first) => {
    const azure = azureWith(ownA(web, here, { age: 1_000 }));
    azure.delete(web);
    const { lines } = await report({ azure, hasQueue });
    expect(lines[0]).toMatch(first);
  });
});

describe('the policy observe', () => {
  it('has a reconcile tell what it would do, and do nothing', async () => {
    const azure = azureWith(recordSet(ptrKey(here), ['x.']));
    const { lines, counted, journal, writes } = await report({
      azure,
      policy: 'observe',
      foreignRecords: 'refuse',
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^info dns planned .*"changes":\["create A .*"blocked":\["foreign \/subscriptions/,
      ),
    ]);
    expect(counted).toEqual([['evenkeel.dns.outcomes', 1, { outcome: 'planned' }]]);
    expect({ journal, writes }).toEqual({ journal: [], writes: [] });
  });

  it.each<[DnsPolicy, DnsPolicy, number]>([
    ['observe', 'sync', 2],
    ['sync', 'observe', 0],
  ])('of the setting, %s, gives way to that of the spoke, %s', async (policy, ofSpoke, count) => {
    const map = zoneMapOf({
      'rg-spoke-a': {
        forwardZone: aKey(web).zone.name,
        reverseZones: ['1.10.in-addr.arpa'],
        zoneResourceGroup: 'rg-hub-dns',
        policy: ofSpoke,
      },
    });
    const { writes } = await report({ azure: azureWith(), policy, map });
    expect(writes).toHaveLength(count);
  });
});
