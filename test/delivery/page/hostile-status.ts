import {
  copyTimes,
  groupId,
  image,
  minutesAgo,
  recordSetId,
  registry,
  replica,
} from '../../../scripts/status-page/sample-parts.ts';
import { unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import type { StatusDocument } from '../../../src/status/schema.ts';

/** A status in which everything that comes from outside has this name. */
export function hostileStatus(name: string): StatusDocument {
  const group = `${groupId('rg', 'web')}${name}`;
  const flagged = replica(name, name, {
    id: `${replica('myregistry', 'westus').id}${name}`,
    verdict: 'flagged',
    reasons: [name],
    notes: [name],
    status: name,
    rehearsal: { until: minutesAgo(-1), by: name, reason: name },
    interlocks: [{ rule: name, pass: false, detail: name }],
    action: { do: 'nothing', because: name },
    contestedBy: name,
    reversals: 1,
  });
  return {
    ...unevenStatus,
    version: name,
    problems: [
      { code: name, message: `${name} ${group} "'><script>alert(2)</script>`, since: name, subject: name },
      { code: 'replicaFlagged', message: `${name} in ${name}`, since: minutesAgo(1), subject: flagged.id },
      { code: 'dnsConflict', message: name, since: minutesAgo(1), subject: group },
    ],
    dns: {
      ...unevenStatus.dns,
      spokes: [{ key: name, groups: 1, recordSets: 1, findings: 1, healed: 0, conflicts: 1 }],
      audit: unevenStatus.dns.audit && {
        ...unevenStatus.dns.audit,
        findings: [
          {
            finding: 'orphan',
            containerGroup: group,
            recordSets: [recordSetId(name, 'a', name)],
            addresses: [name],
            liveAddress: name,
            recordAddress: name,
            since: name,
            repair: name,
            repairedBy: 'reconciler',
            healedAt: null,
          },
        ],
        findingsTotal: 1,
        unread: [{ scope: name, reason: name }],
        sharedAddresses: [{ address: name, containerGroups: [name] }],
      },
      conflicts: [{ containerGroup: group, recordSet: name, owner: name, since: minutesAgo(1) }],
    },
    images: {
      open: [
        image({
          registry: name,
          repository: name,
          tag: name,
          minutes: 11,
          there: [name],
          missing: [`${name}2`],
        }),
      ],
      total: 1,
    },
    registries: [
      registry(name, [flagged], {
        problems: [name],
        frozen: { since: minutesAgo(1), reason: name },
        mode: 'flag',
        home: name,
      }),
    ],
    copyTimes: [copyTimes(name, name, 3)],
    signals: {
      ...unevenStatus.signals,
      recent: [{ id: name, type: 'evenkeel.x', subject: name, at: name }],
    },
  };
}
