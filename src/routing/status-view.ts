import type { Registry } from '../registries/registry.ts';
import { type RoutingCommands, resumeCommand, routingCommands } from './commands.ts';
import type { ReplicaState, ReviewState } from './state.ts';

/** One registry of the status document. Times are ISO 8601 in UTC. */
export interface RegistryStatus
  extends Pick<ReviewState, 'registry' | 'reviewedAt' | 'mode' | 'commonCause' | 'problems'> {
  /** The ARM id, as it was configured. */
  readonly id: string;
  /** `null` while it is not known. */
  readonly loginServer: string | null;
  /** Custom hosts. */
  readonly hosts: readonly string[];
  readonly home: string | null;
  /** Resource Manager does not answer, so nothing is changed. */
  readonly frozen: { readonly since: string; readonly reason: string } | null;
  readonly replicas: readonly ReplicaStatus[];
  /** Signals that are still to be published. */
  readonly unpublishedSignals: number;
}

interface ReplicaStatus
  extends Pick<
    ReplicaState,
    | 'region'
    | 'name'
    | 'id'
    | 'evidence'
    | 'reasons'
    | 'reviews'
    | 'interlocks'
    | 'action'
    | 'disabledByUs'
    | 'reversals'
  > {
  /** `null` when Azure did not say. */
  readonly routed: boolean | null;
  readonly verdict: 'ok' | 'flagged';
  readonly since: string;
  readonly lastChange: NonNullable<ReplicaState['intent']> | null;
  readonly contested: boolean;
  readonly contestedBy: string | null;
  readonly commands: RoutingCommands & {
    /** Ends a contest; `null` when there is none. */
    readonly resume: string | null;
  };
}

/** What the status page, `/api/status` and the command line show of the last review. */
export const registryStatus = (
  registry: Pick<Registry, 'id' | 'name' | 'hosts' | 'resourceGroup' | 'subscriptionId'>,
  loginServer: string | undefined,
  { reviewedAt, mode, home, controlPlaneError, commonCause, replicas, problems, outbox }: ReviewState,
): RegistryStatus => ({
  registry: registry.name,
  id: registry.id,
  loginServer: loginServer ?? null,
  hosts: registry.hosts,
  reviewedAt,
  mode,
  home: home ?? null,
  frozen: controlPlaneError ?? null,
  commonCause,
  problems,
  replicas: replicas.map((replica) => replicaStatus(registry, replica, reviewedAt)),
  unpublishedSignals: outbox.length,
});

function replicaStatus(
  registry: Parameters<typeof routingCommands>[0],
  replica: ReplicaState,
  reviewedAt: string,
): ReplicaStatus {
  const { region, name, id, routing, verdict, intent, contested } = replica;
  return {
    region,
    name,
    id,
    routed: routing === 'enabled' || routing === 'disabled' ? routing === 'enabled' : null,
    verdict: verdict.flagged ? 'flagged' : 'ok',
    since: verdict.since,
    evidence: replica.evidence,
    reasons: standingReasons(replica),
    reviews: replica.reviews,
    interlocks: replica.interlocks,
    action: replica.action,
    disabledByUs: replica.disabledByUs,
    reversals: replica.reversals,
    lastChange: intent ?? null,
    contested: contested !== undefined,
    contestedBy: contested?.lastModifiedBy ?? null,
    commands: {
      ...routingCommands(registry, name),
      resume: contested === undefined ? null : resumeCommand(id, new Date(reviewedAt)),
    },
  };
}

/** A flag stands for a while after its reason has gone, and people want to know why it was raised. */
function standingReasons({ verdict, reasons }: ReplicaState): string[] {
  if (reasons.length > 0 || !verdict.flagged) return reasons;
  const led = verdict.reviews.flatMap(({ because }) => because);
  return [...new Set(led)].map((because) => `earlier: ${because}`).slice(-3);
}
