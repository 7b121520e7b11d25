import type { StatusDocument } from '../../src/status/schema.ts';
import { sampleHistory } from './sample-history.ts';
import {
  copyTimes,
  flaggedReplica,
  groupId,
  image,
  minutesAgo,
  recordSetId,
  registry,
  replica,
  sampleNow,
  sweepRepair,
} from './sample-parts.ts';

const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];

/** The status before anything is configured. */
export const emptyStatus: StatusDocument = {
  version: '0.1.0',
  now: sampleNow.toISOString(),
  even: true,
  problems: [],
  portal: 'https://portal.azure.com',
  unknown: [],
  dns: { spokes: [], audit: null, repairs: { event: 0, audit: 0 }, conflicts: [] },
  images: { open: [], total: 0 },
  registries: [],
  copyTimes: [],
  signals: { topic: false, unpublished: 0, lastPublishedAt: null, recent: [] },
  history: null,
};

/** With the last 24 hours of what it shows. */
export const withHistory = (status: StatusDocument): StatusDocument => ({
  ...status,
  history: sampleHistory(status),
});

const audit = {
  startedAt: minutesAgo(7.2),
  finishedAt: minutesAgo(7.1),
  complete: true,
  findings: [],
  findingsTotal: 0,
  unread: [],
  sharedAddresses: [],
  unmappedGroups: 0,
} satisfies StatusDocument['dns']['audit'];

const recent: StatusDocument['signals']['recent'] = [
  { id: '1', type: 'evenkeel.registry.replicated', subject: 'team/app:v41', at: minutesAgo(12) },
  { id: '2', type: 'evenkeel.dns.driftDetected', subject: groupId('rg-spoke-b', 'db'), at: minutesAgo(37) },
  { id: '3', type: 'evenkeel.registry.replicated', subject: 'team/worker:v17', at: minutesAgo(64) },
];

/** Two spokes and a registry, all healthy. */
export const evenStatus: StatusDocument = withHistory({
  ...emptyStatus,
  dns: {
    spokes: [
      { key: 'rg-spoke-a', groups: 14, recordSets: 29, findings: 0, healed: 0, conflicts: 0 },
      { key: 'rg-spoke-b', groups: 9, recordSets: 18, findings: 0, healed: 0, conflicts: 0 },
    ],
    audit,
    repairs: { event: 131, audit: 2 },
    conflicts: [],
  },
  registries: [
    registry(
      'myregistry',
      regions.map((region) => replica('myregistry', region)),
    ),
  ],
  copyTimes: regions.map((region, index) => copyTimes('myregistry', region, index)),
  signals: { topic: true, unpublished: 0, lastPublishedAt: minutesAgo(12), recent },
});

const finding = {
  finding: 'addressDiffers',
  containerGroup: groupId('rg-spoke-b', 'db'),
  recordSets: [recordSetId('spoke-b.internal.contoso.com', 'a', 'db')],
  addresses: [],
  liveAddress: '10.1.0.4',
  recordAddress: '10.1.0.9',
  since: minutesAgo(22),
  repair: sweepRepair,
  repairedBy: 'reconciler',
  healedAt: null,
} satisfies NonNullable<StatusDocument['dns']['audit']>['findings'][number];

/** Problems of each kind: drift, a conflict, a stalled image and a replica that should get no traffic. */
export const unevenStatus: StatusDocument = withHistory({
  ...evenStatus,
  even: false,
  problems: [
    {
      code: 'driftFound',
      message: 'the last audit has 2 open findings',
      since: minutesAgo(22),
      subject: null,
    },
    {
      code: 'dnsConflict',
      message: `${groupId('rg-spoke-b', 'api')} claims ${recordSetId('1.10.in-addr.arpa', 'ptr', '5.0')}, which belongs to ${groupId('rg-spoke-a', 'api')}`,
      since: minutesAgo(3),
      subject: groupId('rg-spoke-b', 'api'),
    },
    {
      code: 'imageStalled',
      message: 'myregistry/team/app:v42 is missing in southeastasia',
      since: minutesAgo(14),
      subject: 'myregistry/team/app:v42',
    },
    {
      code: 'replicaFlagged',
      message:
        'myregistry in westus should be out of global routing: its regional endpoint is unavailable: answered 503',
      since: minutesAgo(6),
      subject: flaggedReplica('myregistry', 'westus').id,
    },
  ],
  dns: {
    spokes: [
      { key: 'rg-spoke-a', groups: 14, recordSets: 29, findings: 0, healed: 1, conflicts: 0 },
      { key: 'rg-spoke-b', groups: 9, recordSets: 18, findings: 1, healed: 0, conflicts: 1 },
    ],
    audit: {
      ...audit,
      findingsTotal: 3,
      findings: [
        finding,
        {
          ...finding,
          finding: 'stalePtr',
          containerGroup: groupId('rg-spoke-a', 'web'),
          recordSets: [recordSetId('1.10.in-addr.arpa', 'ptr', '9.0')],
          addresses: ['10.1.0.9'],
          liveAddress: '10.1.0.4',
          recordAddress: '10.1.0.9',
          repair: null,
          repairedBy: null,
          healedAt: minutesAgo(2),
        },
        {
          ...finding,
          finding: 'unmapped',
          containerGroup: groupId('rg-spoke-c', 'cache'),
          recordSets: [recordSetId('spoke-a.internal.contoso.com', 'a', 'cache')],
          liveAddress: null,
          recordAddress: '10.1.0.7',
          repair: 'not repaired: add its resource group to DNS_ZONE_MAP, or run evenkeel prune',
          repairedBy: 'prune',
        },
      ],
    },
    repairs: { event: 131, audit: 3 },
    conflicts: [
      {
        containerGroup: groupId('rg-spoke-b', 'api'),
        recordSet: recordSetId('1.10.in-addr.arpa', 'ptr', '5.0'),
        owner: groupId('rg-spoke-a', 'api'),
        since: minutesAgo(3),
      },
    ],
  },
  images: {
    open: [
      image({
        repository: 'team/app',
        tag: 'v42',
        minutes: 14,
        there: ['eastus', 'westeurope', 'westus'],
        missing: ['southeastasia'],
      }),
      image({
        repository: 'team/worker',
        tag: 'v18',
        minutes: 2.5,
        there: ['eastus', 'westus'],
        missing: ['southeastasia', 'westeurope'],
      }),
    ],
    total: 2,
  },
  registries: [
    registry(
      'myregistry',
      regions.map((region) =>
        region === 'westus' ? flaggedReplica('myregistry', region) : replica('myregistry', region),
      ),
    ),
  ],
  signals: {
    topic: true,
    unpublished: 1,
    lastPublishedAt: minutesAgo(4),
    recent: [
      { id: '4', type: 'evenkeel.registry.replicationStalled', subject: 'team/app:v42', at: minutesAgo(4) },
      {
        id: '5',
        type: 'evenkeel.replica.flagged',
        subject: flaggedReplica('myregistry', 'westus').id,
        at: minutesAgo(6),
      },
      ...recent,
    ],
  },
});
