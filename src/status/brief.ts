import type { Audit, Finding, Image, Registry, Replica, StatusDocument } from './schema.ts';

/** What an assistant may ask the status for: the whole in numbers, or one part with its rows. */
export const briefParts = ['summary', 'problems', 'dns', 'images', 'registries'] as const;
export type BriefPart = (typeof briefParts)[number];

/** The first rows of a list, what is wrong first; `total` counts all. */
interface Rows<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

/** Some 30 KB of JSON, which an assistant can take in. The status of a large installation has megabytes. */
const maxRows = 50;

const firstOf = <T>(items: readonly T[], total = items.length): Rows<T> => ({
  total,
  rows: items.slice(0, maxRows),
});

/**
 * The status in short, for a reader that pays for every word. It has no commands: whoever reads it is to change
 * nothing, and people find them on the status page.
 */
export function briefStatus(status: StatusDocument, part: BriefPart) {
  const { version, now, even, unknown } = status;
  return { version, now, even, unknown, ...parts[part](status) };
}

const parts = {
  summary: (status: StatusDocument) => ({
    problems: firstOf(status.problems),
    dns: dnsNumbers(status),
    images: imageNumbers(status),
    registries: firstOf(status.registries.map(registryNumbers).toSorted(byTrouble)),
    signals: { unpublished: status.signals.unpublished, lastPublishedAt: status.signals.lastPublishedAt },
  }),
  problems: ({ problems }: StatusDocument) => ({ problems: firstOf(problems) }),
  dns: (status: StatusDocument) => {
    const { spokes, audit, conflicts } = status.dns;
    const findings = audit?.findings.toSorted((a, b) => Number(isHealed(a)) - Number(isHealed(b))) ?? [];
    const troubled = spokes.toSorted((a, b) => b.findings + b.conflicts - (a.findings + a.conflicts));
    return {
      dns: {
        ...dnsNumbers(status),
        spokes: firstOf(troubled),
        findings: firstOf(findings, audit?.findingsTotal),
        conflicts: firstOf(conflicts),
        unread: firstOf(audit?.unread ?? []),
        sharedAddresses: firstOf(audit?.sharedAddresses ?? []),
      },
    };
  },
  images: (status: StatusDocument) => ({
    images: {
      ...imageNumbers(status),
      open: firstOf(status.images.open.map(imageRow), openTotal(status)),
    },
    copyTimes: firstOf(status.copyTimes.toSorted((a, b) => b.p95Ms - a.p95Ms)),
  }),
  registries: ({ registries }: StatusDocument) => ({
    registries: firstOf(registries.map(registryNumbers).toSorted(byTrouble)),
    /** Those out of order, and then the others. */
    replicas: firstOf(
      registries
        .flatMap((registry) => registry.replicas.map((replica) => replicaRow(registry, replica)))
        .toSorted((a, b) => Number(b.needsAttention) - Number(a.needsAttention)),
    ),
  }),
} satisfies Record<BriefPart, (status: StatusDocument) => object>;

const isHealed = ({ healedAt }: Finding): boolean => healedAt !== null;
const sumOf = <T>(items: readonly T[], number: (item: T) => number): number =>
  items.reduce((sum, item) => sum + number(item), 0);

function dnsNumbers({ dns: { spokes, audit, repairs, conflicts } }: StatusDocument) {
  return {
    spokes: spokes.length,
    containerGroups: sumOf(spokes, ({ groups }) => groups),
    recordSets: sumOf(spokes, ({ recordSets }) => recordSets),
    openFindings: sumOf(spokes, ({ findings }) => findings),
    conflicts: conflicts.length,
    audit: audit && auditNumbers(audit),
    repairsOfSevenDays: repairs,
  };
}

const auditNumbers = ({ startedAt, finishedAt, complete, unmappedGroups }: Audit) => ({
  startedAt,
  finishedAt,
  complete,
  unmappedGroups,
});

const openTotal = ({ images: { open, total } }: StatusDocument): number => total ?? open.length;

/** The numbers of those that the status lists, which are the oldest. */
const imageNumbers = (status: StatusDocument) => ({
  open: openTotal(status),
  stalled: status.images.open.filter(({ state }) => state === 'stalled').length,
  diverged: status.images.open.filter(({ diverged }) => diverged).length,
});

/** In place of each region's evidence, which `get_image_replication` tells, the regions that lack the image. */
const imageRow = ({ repairs: _, regions, ...image }: Image) => ({
  ...image,
  availableRegions: regions.filter(({ state }) => state === 'available').length,
  missingRegions: regions.filter(({ state }) => state !== 'available').map(({ region }) => region),
});

/** Whether somebody would look at the replica first. */
const needsAttention = ({ routed, verdict, contested, rehearsal }: Replica): boolean =>
  verdict !== 'ok' || routed !== true || contested || rehearsal !== null;

const registryNumbers = ({ replicas, ...registry }: Registry) => ({
  registry: registry.registry,
  loginServer: registry.loginServer,
  reviewedAt: registry.reviewedAt,
  mode: registry.mode,
  frozen: registry.frozen,
  commonCause: registry.commonCause,
  availability: registry.availability,
  problems: registry.problems,
  replicas: replicas.length,
  regionsInNeedOfAttention: replicas.filter(needsAttention).map(({ region }) => region),
});

const byTrouble = (a: ReturnType<typeof registryNumbers>, b: ReturnType<typeof registryNumbers>): number =>
  b.problems.length +
  b.regionsInNeedOfAttention.length -
  (a.problems.length + a.regionsInNeedOfAttention.length);

const replicaRow = ({ registry, loginServer }: Registry, replica: Replica) => ({
  registry,
  loginServer,
  region: replica.region,
  needsAttention: needsAttention(replica),
  routed: replica.routed,
  verdict: replica.verdict,
  since: replica.since,
  status: replica.status,
  reasons: replica.reasons,
  awaits: replica.awaits,
  notes: replica.notes,
  refusingInterlocks: replica.interlocks.filter(({ pass }) => !pass),
  action: replica.action,
  lastChange: replica.lastChange,
  // Who asked for it and why are words of persons.
  rehearsalUntil: replica.rehearsal?.until ?? null,
  contested: replica.contested,
});
