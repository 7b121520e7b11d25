import { createHash } from 'node:crypto';
import { sampleSubscriptionId } from '../../local/azure/sample.ts';
import type { CopyTimes, Repair, StatusDocument } from '../../src/status/schema.ts';

/** The time at which the sample status is read: three in the morning. */
export const sampleNow = new Date('2026-11-21T03:07:12Z');

export const minutesAgo = (minutes: number): string =>
  new Date(sampleNow.getTime() - minutes * 60_000).toISOString();

/** What the sample says about findings that the reconciler repairs. */
export const sweepRepair = `repaired by the next event, at the latest ${minutesAgo(-7.8)}`;

export const groupId = (resourceGroup: string, name: string): string =>
  `/subscriptions/${sampleSubscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.containerinstance/containergroups/${name}`;

export const recordSetId = (zone: string, type: 'a' | 'ptr', name: string): string =>
  `/subscriptions/${sampleSubscriptionId}/resourcegroups/rg-hub-dns/providers/microsoft.network/privatednszones/${zone}/${type}/${name}`;

type Registries = StatusDocument['registries'];
type Registry = Exclude<Registries[number], { readonly reviewedAt: null }>;
type Replica = Registry['replicas'][number];
type Image = StatusDocument['images']['open'][number];

const command = (registry: string, region: string, routing: boolean): string =>
  [
    `az acr replication update --registry ${registry} --name ${region} --resource-group rg-registry`,
    `--subscription ${sampleSubscriptionId} --global-endpoint-routing ${routing}`,
  ].join(' ');

/** A replica that is routed and healthy, unless `more` says otherwise. */
export const replica = (registry: string, region: string, more: Partial<Replica> = {}): Replica => ({
  region,
  name: region,
  routed: true,
  verdict: 'ok',
  since: minutesAgo(4_000),
  id: `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/${registry}/replications/${region}`,
  evidence: {
    provisioning: { state: 'Succeeded', displayStatus: 'Ready', since: minutesAgo(4_000) },
    reachability: { kind: 'alive', latencyMs: 43 },
    lateImages: { late: 0, lateInRegistry: 0 },
    policy: null,
  },
  reasons: [],
  reviews: [4, 3, 2, 1, 0].map((minutes) => ({ at: minutesAgo(minutes), health: 'good', because: [] })),
  interlocks: [],
  action: { do: 'nothing', because: 'its routing is correct' },
  disabledByUs: false,
  reversals: 0,
  lastChange: null,
  contested: false,
  contestedBy: null,
  status: 'Ready',
  rehearsal: null,
  awaits: [],
  notes: [],
  commands: {
    off: command(registry, region, false),
    on: command(registry, region, true),
    resume: null,
    endRehearsal: null,
    note: 'Azure CLI before 2.86 has --region-endpoint-enabled in place of --global-endpoint-routing',
  },
  infrastructureCode: null,
  ...more,
});

/** A replica whose endpoint does not serve; an interlock holds the change of its routing. */
export const flaggedReplica = (registry: string, region: string): Replica => {
  const reason = 'its regional endpoint is unavailable: answered 503';
  return replica(registry, region, {
    verdict: 'flagged',
    since: minutesAgo(6),
    reasons: [reason],
    evidence: {
      provisioning: { state: 'Succeeded', displayStatus: 'Ready', since: minutesAgo(4_000) },
      reachability: { kind: 'failing', reason: 'answered 503', latencyMs: 212 },
      lateImages: { late: 3, lateInRegistry: 4 },
      policy: null,
    },
    reviews: [8, 7, 6, 3, 1].map((minutes, index) => ({
      at: minutesAgo(minutes),
      health: index === 1 ? 'good' : 'bad',
      because: index === 1 ? [] : [reason],
    })),
    interlocks: [
      {
        rule: 'minimumRoutable',
        pass: true,
        detail: 'other replicas that are routed and healthy: 3 (at least 2 required)',
      },
      { rule: 'commonCause', pass: true, detail: 'the endpoints are not all unreachable' },
      { rule: 'controlPlane', pass: true, detail: 'Resource Manager answers' },
      {
        rule: 'changeBudget',
        pass: true,
        detail: 'changes to the registry in the last hour: 1 of 2 allowed',
      },
      {
        rule: 'holdDown',
        pass: false,
        detail: `last change at ${minutesAgo(8)}: none before ${minutesAgo(-2)}`,
      },
      { rule: 'anotherWriter', pass: true, detail: 'reversals by others: 0 (contested at 3)' },
      { rule: 'homeRegion', pass: true, detail: 'the home region is eastus' },
    ],
    action: { do: 'nothing', because: 'an interlock refuses the change', rules: ['holdDown'] },
    lastChange: { to: 'enabled', at: minutesAgo(8), outcome: 'done' },
  });
};

/** A replica that somebody takes out of global routing for an hour, where somebody else turns the switch. */
export const rehearsedReplica = (registry: string, region: string): Replica => {
  const until = minutesAgo(-48);
  const well = replica(registry, region);
  return {
    ...well,
    verdict: 'flagged',
    since: minutesAgo(12),
    reasons: [`a rehearsal keeps it out of global routing: until ${until}`],
    rehearsal: { until, by: 'ada@contoso.com', reason: 'game day 12' },
    evidence: { ...well.evidence, policy: { routing: 'rehearsal', until } },
    action: { do: 'nothing', because: 'ROUTING_MODE is flag' },
    commands: { ...well.commands, endRehearsal: `evenkeel rehearse ${registry}.azurecr.io ${region} --end` },
  };
};

export const registry = (
  name: string,
  replicas: readonly Replica[],
  more: Partial<Registry> = {},
): Registry => ({
  registry: name,
  id: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/${name}`,
  loginServer: `${name}.azurecr.io`,
  hosts: [],
  reviewedAt: minutesAgo(0.4),
  mode: 'enforce',
  home: 'eastus',
  frozen: null,
  commonCause: false,
  availability: null,
  route: null,
  problems: [],
  unpublishedSignals: 0,
  replicas,
  ...more,
});

interface ImageSpec {
  readonly registry?: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly minutes: number;
  readonly there: readonly string[];
  readonly missing: readonly string[];
  readonly diverged?: boolean;
}

export function image({
  registry: name = 'myregistry',
  minutes,
  there,
  missing,
  diverged = false,
  ...named
}: ImageSpec): Image {
  const objectiveMs = 600_000;
  const ageMs = minutes * 60_000;
  const digest = `sha256:${createHash('sha256')
    .update(JSON.stringify([name, named]))
    .digest('hex')}`;
  return {
    registry: name,
    loginServer: `${name}.azurecr.io`,
    ...named,
    ageMs,
    objectiveMs,
    diverged,
    digest,
    state: ageMs > objectiveMs ? 'stalled' : 'pending',
    firstSeen: minutesAgo(minutes),
    regions: [
      ...there.map((region, index) => ({
        region,
        state: 'available' as const,
        at: minutesAgo(Math.max(0, minutes - index / 3)),
        ...(index === 1
          ? { evidence: 'verified' as const, verifiedAt: minutesAgo(minutes / 2) }
          : { evidence: 'webhook' as const }),
      })),
      ...missing.map((region) => ({ region, state: 'waiting' as const })),
    ],
    repairs:
      ageMs > objectiveMs
        ? missing.map((region) => repair(name, { ...named, digest }, there[0] ?? null, region))
        : [],
  };
}

function repair(
  name: string,
  { repository, tag, digest }: Pick<Image, 'repository' | 'tag' | 'digest'>,
  from: string | null,
  region: string,
): Repair {
  const host = (where: string | null) => `${name}.${where}.geo.azurecr.io`;
  const copy = `skopeo copy --all --preserve-digests docker://${host(from)}/${repository}@${digest} docker://${host(region)}/${repository}:${tag}`;
  const commands = [from, region].map((where) => `az acr login --name ${name} --endpoint ${where}`);
  return { region, from, commands: [...commands, copy] };
}

/** Slower with each region, so that the last one is beyond the objective. */
export function copyTimes(registry: string, region: string, index: number): CopyTimes {
  const p50Ms = [0, 21_000, 47_000, 96_000][index % 4] ?? 0;
  const p95Ms = [0, 84_000, 212_000, 655_000][index % 4] ?? 0;
  const withinObjective = p95Ms > 600_000 ? 0.94 : 1;
  return {
    registry,
    loginServer: `${registry}.azurecr.io`,
    region,
    samples: 200,
    p50Ms,
    p95Ms,
    objectiveMs: 600_000,
    withinObjective,
  };
}
