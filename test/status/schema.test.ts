import { describe, expect, expectTypeOf, it } from 'vitest';
import { largeStatus } from '../../scripts/status-page/large-status.ts';
import { flaggedReplica, groupId, recordSetId, replica } from '../../scripts/status-page/sample-parts.ts';
import { emptyStatus, evenStatus, unevenStatus } from '../../scripts/status-page/sample-status.ts';
import type { AuditReport } from '../../src/dns/audit/report.ts';
import { cellAt } from '../../src/lib/last-day.ts';
import { noCopyReport, type RegionCopyTimes } from '../../src/replication/copy-time-report.ts';
import type { OpenList } from '../../src/replication/open-images.ts';
import type { RegistryStatus } from '../../src/routing/status-view.ts';
import { statusDocument } from '../../src/status/document.ts';
import type { Journal } from '../../src/status/journal.ts';
import type { StatusParts } from '../../src/status/parts.ts';
import {
  type Conflict,
  type Image,
  parseStatus,
  type Registry,
  type StatusDocument,
} from '../../src/status/schema.ts';
import { registryOf } from '../registries/registry-of.ts';

const now = '2026-11-21T03:12:00.000Z';
const earlier = '2026-11-21T02:00:00.000Z';

const audit: AuditReport = {
  startedAt: '2026-11-21T02:59:00.000Z',
  finishedAt: '2026-11-21T03:00:00.000Z',
  complete: false,
  unread: [{ scope: '/subscriptions/s', reason: 'MissingPermissionError' }],
  spokes: [{ key: 'rg-spoke-a', groups: 12, recordSets: 24, findings: 2 }],
  findings: ['web', 'db'].map((name) => ({
    finding: 'ptrMissing',
    containerGroup: groupId('rg-spoke-a', name),
    recordSets: [recordSetId('1.10.in-addr.arpa', 'ptr', '4.0')],
    addresses: ['10.1.0.4'],
    liveAddress: '10.1.0.4',
    recordAddress: null,
    isRefused: false,
    since: earlier,
  })),
  sharedAddresses: [{ address: '10.1.0.4', containerGroups: [groupId('rg-spoke-a', 'web')] }],
  unmapped: [groupId('rg-other', 'web')],
  strips: { 'rg-spoke-a': { last: cellAt(Date.parse(now)), marks: '0?2' } },
};

const images: OpenList = {
  images: [
    {
      registry: 'myregistry',
      loginServer: 'myregistry.azurecr.io',
      repository: 'team/app',
      tag: null,
      digest: 'sha256:0',
      state: 'stalled',
      diverged: false,
      firstSeen: earlier,
      ageMs: 4_320_000,
      objectiveMs: 600_000,
      regions: [
        { region: 'eastus', state: 'available', at: earlier, evidence: 'webhook' },
        { region: 'uksouth', state: 'available', at: earlier, evidence: 'verified', verifiedAt: now },
        { region: 'westus', state: 'waiting' },
        { region: 'westeurope', state: 'unverified', reason: 'NoTokenError' },
      ],
      repairs: [{ region: 'westus', from: 'eastus', commands: ['skopeo copy …'] }],
    },
  ],
  total: 1,
  unpublished: 1,
};

const copyTimes: RegionCopyTimes = {
  registry: 'myregistry',
  loginServer: 'myregistry.azurecr.io',
  region: 'westus',
  samples: 120,
  p50Ms: 4_200,
  p95Ms: 31_000,
  objectiveMs: 600_000,
  withinObjective: 0.99,
};

const review: RegistryStatus = {
  registry: 'myregistry',
  id: registryOf().id,
  loginServer: 'myregistry.azurecr.io',
  hosts: ['images.contoso.com'],
  reviewedAt: now,
  mode: 'enforce',
  home: 'eastus',
  frozen: { since: earlier, reason: 'no answer: 503' },
  commonCause: true,
  commonCauseSince: earlier,
  availability: { state: 'Degraded', summary: 'we are looking into it', since: earlier },
  route: ['x.trafficmanager.net', 'r1.westus.cloudapp.azure.com'],
  problems: ['it has no replica in brazilsouth'],
  problemsSince: { 'it has no replica in brazilsouth': earlier },
  replicas: [
    {
      region: 'westus',
      name: 'westus',
      id: '/subscriptions/s/replications/westus',
      routed: null,
      verdict: 'flagged',
      since: earlier,
      evidence: {
        provisioning: { state: 'Updating', displayStatus: 'Syncing', message: 'slow', since: earlier },
        reachability: { kind: 'failing', reason: 'answered 503', latencyMs: 212 },
        pull: { kind: 'failing', reason: 'the layer of team/app:v1: answered 503' },
        lateImages: { late: 3, lateInRegistry: 4 },
        policy: { routing: 'off', until: '2026-12-01T04:00:00Z' },
      },
      status: 'Syncing',
      rehearsal: { until: now, by: 'ops', reason: null },
      reasons: ['its regional endpoint does not serve: answered 503'],
      awaits: ['its regional endpoint has to answer 200 or 401'],
      notes: ['Azure Resource Health calls the registry Degraded'],
      reviews: [{ at: now, health: 'bad', because: ['answered 503'] }],
      interlocks: [{ rule: 'holdDown', pass: false, detail: 'last change at …' }],
      action: { do: 'nothing', because: 'an interlock refuses', rules: ['holdDown'] },
      lastChange: { to: 'disabled', at: now, firstAt: earlier, outcome: 'failed', detail: '409' },
      disabledByUs: true,
      reversals: 3,
      contested: true,
      contestedBy: 'terraform',
      commands: {
        off: 'az acr … false',
        on: 'az acr … true',
        resume: 'az tag update …',
        endRehearsal: 'evenkeel rehearse …',
        note: 'Azure CLI …',
      },
      infrastructureCode: { terraform: 'lifecycle …', bicep: 'regionEndpointEnabled: …' },
    },
  ],
  unpublishedSignals: 2,
  strips: new Map([['westus', { last: cellAt(Date.parse(now)), marks: '1a' }]]),
};

const journal: Journal = {
  repairs: { event: 5, audit: 1 },
  spokes: { 'rg-spoke-a': [cellAt(Date.parse(now)), 3, 1] },
  conflicts: [
    {
      containerGroup: groupId('rg-spoke-a', 'api'),
      recordSet: recordSetId('a.example', 'a', 'api'),
      owner: groupId('rg-spoke-b', 'api'),
      since: earlier,
    },
  ],
  reconciledAt: new Map([[groupId('rg-spoke-a', 'db'), '2026-11-21T03:05:00.000Z']]),
  signals: [{ id: '1', type: 'evenkeel.dns.conflict', subject: 'team/app:v1', at: earlier }],
};

const parts: StatusParts = {
  version: '1.2.3',
  now: new Date(now),
  portal: 'https://portal.azure.com',
  settingErrors: ['REGISTRIES: expected JSON'],
  spokes: ['rg-spoke-a', 'rg-spoke-b'],
  registries: [registryOf(), registryOf({ id: '/subscriptions/s/second', name: 'second' })],
  audit: { value: audit },
  images: { value: images },
  copyTimes: { value: { times: [copyTimes], lastDay: { westus: [cellAt(Date.parse(now)), 9, 2] } } },
  reviews: { value: [review] },
  journal: { value: journal },
  hasTopic: true,
  auditIntervalMs: 900_000,
  nextSweepAt: new Date('2026-11-21T03:15:00Z'),
  policyOf: () => 'sync',
  reviewIntervalMs: 60_000,
};

const overTheWire = (document: unknown): unknown => JSON.parse(JSON.stringify(document));

describe('the document that the app sends', () => {
  it.each<[string, StatusParts]>([
    ['every part', parts],
    [
      'no part that can be read',
      {
        ...parts,
        audit: { failure: 'StateUnavailableError' },
        images: { failure: 'StateUnavailableError' },
        copyTimes: { failure: 'StateUnavailableError' },
        reviews: { failure: 'StateUnavailableError' },
        journal: { failure: 'StateUnavailableError' },
      },
    ],
    [
      'nothing to tell yet',
      {
        ...parts,
        audit: { value: undefined },
        images: { value: undefined },
        copyTimes: { value: noCopyReport },
        reviews: { value: [] },
        journal: { value: undefined },
      },
    ],
  ])('with %s is read unchanged', (_, told) => {
    const sent = overTheWire(statusDocument(told));
    expect(parseStatus(sent)).toStrictEqual(sent);
  });

  it.each([
    ['an empty', emptyStatus],
    ['an even', evenStatus],
    ['an uneven', unevenStatus],
    ['a large', largeStatus()],
  ])('is read unchanged in %s sample', (_, document) => {
    const sent = overTheWire(document);
    expect(parseStatus(sent)).toStrictEqual(sent);
  });

  it('says what becomes of an open finding, by the policy of its spoke, and nothing of a healed one', () => {
    const repairs = (told: StatusParts) =>
      statusDocument(told).dns.audit?.findings.map(({ repair }) => repair);
    expect(repairs(parts)).toEqual([
      'repaired by the next event, at the latest 2026-11-21T03:15:00.000Z',
      null,
    ]);
    const policyOf = (group: string) => (group.endsWith('/web') ? 'observe' : 'sync');
    expect(repairs({ ...parts, policyOf })).toEqual([
      'not repaired: the policy observe writes nothing',
      null,
    ]);
  });

  it('says who repairs a finding, and what each problem is about', () => {
    const { dns, problems } = statusDocument(parts);
    expect(dns.audit?.findings.map(({ repairedBy }) => repairedBy)).toEqual(['reconciler', null]);
    const subjects = new Set(problems.map(({ code, subject }) => `${code} ${subject}`));
    expect([...subjects]).toEqual(
      expect.arrayContaining([
        'settingBad null',
        `dnsConflict ${journal.conflicts[0]?.containerGroup}`,
        'reviewOverdue /subscriptions/s/second',
      ]),
    );
    // What a problem is about is what else in the document has the same id or name.
    const [image] = images.images;
    expect(problems.find(({ code }) => code === 'imageStalled')?.subject ?? '').toContain(image?.repository);
    const ids = review.replicas.map(({ id }) => id);
    const flagged = problems.filter(({ code }) => code === 'replicaFlagged');
    expect(flagged.length).toBeGreaterThan(0);
    expect(flagged.every(({ subject }) => ids.includes(subject ?? ''))).toBe(true);
  });

  it('says since when a problem lasts, not when it was last found', () => {
    const sinceOf = (told: StatusParts) =>
      new Map(statusDocument(told).problems.map(({ code, since }) => [code, since]));
    const incomplete = { ...audit, complete: false, finishedAt: now };
    const lasting = sinceOf({ ...parts, audit: { value: { ...incomplete, incompleteSince: earlier } } });
    for (const code of ['auditIncomplete', 'registryProblem', 'commonCause'])
      expect([code, lasting.get(code)]).toEqual([code, earlier]);
    // What an older version stored does not tell.
    const stored = { ...review, commonCauseSince: undefined, problemsSince: {} };
    const unknown = sinceOf({ ...parts, audit: { value: incomplete }, reviews: { value: [stored] } });
    for (const code of ['auditIncomplete', 'registryProblem', 'commonCause'])
      expect([code, unknown.get(code)]).toEqual([code, now]);
  });

  it('has what the jobs report, by type', () => {
    expectTypeOf<RegistryStatus>().toExtend<Registry>();
    expectTypeOf<OpenList['images'][number]>().toExtend<Image>();
    expectTypeOf<Journal['conflicts'][number]>().toExtend<Conflict>();
    expectTypeOf<AuditReport['unread']>().toExtend<NonNullable<StatusDocument['dns']['audit']>['unread']>();
  });
});

/** The fixed core, as `docs/` and pipelines know it. */
const core = {
  version: '1.2.3',
  now,
  even: false,
  problems: [{ code: 'driftFound', message: 'drift', since: earlier }],
  dns: {
    spokes: [{ key: 'rg-spoke-a', groups: 12, recordSets: 24, findings: 0, conflicts: 0 }],
    audit: {
      startedAt: earlier,
      finishedAt: earlier,
      complete: true,
      findings: [{ finding: 'addressDiffers', containerGroup: groupId('rg-spoke-a', 'web') }],
    },
    repairs: { event: 5, audit: 1 },
  },
  images: {
    open: [
      {
        registry: 'myregistry',
        repository: 'team/app',
        tag: 'v1',
        digest: 'sha256:0',
        state: 'pending',
        regions: [],
      },
    ],
  },
  registries: [
    {
      registry: 'myregistry',
      reviewedAt: now,
      mode: 'flag',
      frozen: null,
      commonCause: false,
      replicas: [
        {
          region: 'westus',
          name: 'westus',
          routed: true,
          verdict: 'ok',
          since: earlier,
          evidence: {},
          reasons: [],
          interlocks: [{ rule: 'minimumRoutable', pass: true, detail: '3 of 2' }],
          disabledByUs: false,
          reversals: 0,
          contested: false,
          commands: { off: 'az acr …', on: 'az acr …' },
        },
      ],
    },
  ],
  signals: { unpublished: 0, lastPublishedAt: null },
};

describe('the document of another version', () => {
  it('may have nothing but the core', () => {
    const status = parseStatus(core);
    expect(status).toMatchObject(core);
    expect(status).toMatchObject({
      unknown: [],
      dns: { conflicts: [], audit: { findings: [{ since: null, healedAt: null, recordSets: [] }] } },
      images: { total: null, open: [{ ageMs: 0, objectiveMs: 0, diverged: false }] },
      registries: [{ home: null, problems: [], replicas: [{ action: null, evidence: { policy: null } }] }],
      signals: { topic: true, recent: [] },
    });
  });

  it('may lack what was added later', () => {
    const { unknown: _, signals, ...older } = evenStatus;
    const { topic: __, ...olderSignals } = signals;
    expect(parseStatus({ ...older, signals: olderSignals })).toMatchObject({
      unknown: [],
      signals: { topic: true },
    });
  });

  it('may have fields and words that nobody knows yet', () => {
    const later = {
      ...unevenStatus,
      novelty: { hours: 24 },
      history: { hours: 24 },
      problems: [{ code: 'novelty', message: 'something new', since: null, severity: 3 }],
      registries: unevenStatus.registries.map((registry) => ({
        ...registry,
        mode: 'advise',
        replicas: [
          {
            ...replica('myregistry', 'eastus'),
            verdict: 'suspect',
            status: 'Ready',
            evidence: { ...flaggedReplica('myregistry', 'eastus').evidence, reachability: { kind: 'slow' } },
          },
        ],
      })),
    };
    const status = parseStatus(later);
    expect(status?.problems).toMatchObject([{ code: 'novelty', message: 'something new', since: null }]);
    expect(status?.registries[0]).toMatchObject({
      mode: 'advise',
      replicas: [{ verdict: 'suspect', evidence: { reachability: { kind: 'slow' } } }],
    });
    expect(status).not.toHaveProperty('novelty');
    expect(status?.history).toBeNull();
  });

  it.each([
    ['no object', 'even'],
    ['nothing', null],
    ['an error', { error: { code: 'x' } }],
  ])('is not %s', (_, value) => {
    expect(parseStatus(value)).toBeUndefined();
  });
});
