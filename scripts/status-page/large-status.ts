import type { StatusDocument } from '../../src/status/schema.ts';
import {
  copyTimes,
  flaggedReplica,
  groupId,
  image,
  minutesAgo,
  recordSetId,
  registry,
  replica,
  sweepRepair,
} from './sample-parts.ts';
import { evenStatus, withHistory } from './sample-status.ts';

const regions = [
  'australiaeast',
  'brazilsouth',
  'canadacentral',
  'centralindia',
  'centralus',
  'eastasia',
  'eastus',
  'eastus2',
  'francecentral',
  'germanywestcentral',
  'japaneast',
  'koreacentral',
  'northeurope',
  'southafricanorth',
  'southcentralus',
  'southeastasia',
  'swedencentral',
  'uksouth',
  'westeurope',
  'westus',
];

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** 200 spokes with 5,000 container groups, 50 registries with 20 replicas each, and 200 images on their way. */
export function largeStatus(): StatusDocument {
  const findings = many(300, (index) => ({
    finding: 'addressDiffers' as const,
    containerGroup: groupId(`rg-spoke-${index % 6}`, `group-${index}`),
    recordSets: [recordSetId(`spoke-${index % 6}.internal.contoso.com`, 'a', `group-${index}`)],
    addresses: [],
    liveAddress: '10.1.0.4',
    recordAddress: '10.1.0.9',
    since: minutesAgo(20),
    repair: sweepRepair,
    repairedBy: 'reconciler',
    healedAt: null,
  }));
  const open = many(200, (index) =>
    image({
      registry: `registry${index % 50}`,
      repository: `team-${index % 9}/service-${index}`,
      tag: `v${index}`,
      minutes: 40 - index / 5,
      there: regions.slice(0, 1 + (index % 18)),
      missing: regions.slice(1 + (index % 18)),
    }),
  );
  const stalled = open.filter(({ state }) => state === 'stalled');
  return withHistory({
    ...evenStatus,
    even: false,
    problems: [
      {
        code: 'driftFound',
        message: 'the last audit has 300 open findings',
        since: minutesAgo(20),
        subject: null,
      },
      ...stalled.map(({ registry: name, repository, tag, firstSeen }) => ({
        code: 'imageStalled',
        message: `${name}/${repository}:${tag} is missing in 2 regions`,
        since: firstSeen,
        subject: `${name}/${repository}:${tag}`,
      })),
      ...many(3, (index) => ({
        code: 'replicaFlagged',
        message: `registry${index * 9} in westus should be out of global routing`,
        since: minutesAgo(6),
        subject: flaggedReplica(`registry${index * 9}`, 'westus').id,
      })),
    ],
    dns: {
      spokes: many(200, (index) => ({
        key: `rg-spoke-${index}`,
        groups: 25,
        recordSets: 51,
        healed: 0,
        conflicts: 0,
        findings: index < 6 ? 50 : 0,
      })),
      audit: evenStatus.dns.audit && { ...evenStatus.dns.audit, findings, findingsTotal: findings.length },
      repairs: { event: 12_840, audit: 96 },
      conflicts: [],
    },
    images: { open, total: 230 },
    registries: many(50, (index) =>
      registry(
        `registry${index}`,
        regions.map((region) =>
          region === 'westus' && index % 9 === 0 && index < 27
            ? flaggedReplica(`registry${index}`, region)
            : replica(`registry${index}`, region, {
                interlocks: flaggedReplica(`registry${index}`, region).interlocks,
              }),
        ),
      ),
    ),
    copyTimes: many(50, (index) =>
      regions.map((region, place) => copyTimes(`registry${index}`, region, place)),
    ).flat(),
    signals: {
      ...evenStatus.signals,
      recent: many(50, (index) => ({
        id: String(index),
        type: 'evenkeel.registry.replicated' as const,
        subject: `team-${index % 9}/service-${index}:v${index}`,
        at: minutesAgo(index),
      })),
    },
  });
}
