import type { Strip } from '../lib/last-day.ts';
import type { Registry } from '../registries/registry.ts';
import {
  endRehearsalCommand,
  type InfrastructureCode,
  infrastructureCode,
  type RoutingCommands,
  resumeCommand,
  routingCommands,
} from './commands.ts';
import { notesOf } from './notes.ts';
import { hasBegun } from './rehearsal.ts';
import type { Rehearsal, ReplicaState, ReviewState } from './state.ts';

/** One registry of the status document. Times are ISO 8601 in UTC. */
export interface RegistryStatus
  extends Pick<
    ReviewState,
    'registry' | 'reviewedAt' | 'mode' | 'commonCause' | 'commonCauseSince' | 'problems' | 'problemsSince'
  > {
  /** The ARM id, as it was configured. */
  readonly id: string;
  /** `null` while it is not known. */
  readonly loginServer: string | null;
  /** Custom hosts. */
  readonly hosts: readonly string[];
  readonly home: string | null;
  /** Resource Manager does not answer, so nothing is changed. */
  readonly frozen: { readonly since: string; readonly reason: string } | null;
  /** What Azure Resource Health says of it; `null` where that cannot be read. */
  readonly availability: NonNullable<ReviewState['availability']> | null;
  /** The names to which its login server leads the app; `null` where DNS does not tell. */
  readonly route: readonly string[] | null;
  readonly replicas: readonly ReplicaStatus[];
  /** Signals that are still to be published. */
  readonly unpublishedSignals: number;
  /** What the reviews of the last day saw, by the name of the replica. */
  readonly strips: ReadonlyMap<string, Strip | undefined>;
}

interface ReplicaStatus
  extends Pick<
    ReplicaState,
    | 'region'
    | 'name'
    | 'id'
    | 'evidence'
    | 'reasons'
    | 'awaits'
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
  /** What Azure calls the replica, such as `Ready` or `Syncing`; `null` when that was not read. */
  readonly status: string | null;
  /** What explains the evidence, and proves nothing. */
  readonly notes: readonly string[];
  readonly rehearsal: Pick<Rehearsal, 'until' | 'by' | 'reason'> | null;
  readonly lastChange: NonNullable<ReplicaState['intent']> | null;
  readonly contested: boolean;
  readonly contestedBy: string | null;
  readonly commands: RoutingCommands & {
    /** Ends a contest; `null` when there is none. */
    readonly resume: string | null;
    /** Ends a rehearsal; `null` when there is none. */
    readonly endRehearsal: string | null;
  };
  /** What makes infrastructure code end a contest; `null` when there is none. */
  readonly infrastructureCode: InfrastructureCode | null;
}

/** What the status page, `/api/status` and the command line show of the last review. */
export const registryStatus = (
  registry: Pick<Registry, 'id' | 'name' | 'hosts' | 'resourceGroup' | 'subscriptionId'>,
  loginServer: string | undefined,
  state: ReviewState,
): RegistryStatus => {
  const { reviewedAt, mode, home, controlPlaneError, commonCause, replicas, problems, outbox } = state;
  return {
    registry: registry.name,
    id: registry.id,
    loginServer: loginServer ?? null,
    hosts: registry.hosts,
    reviewedAt,
    mode,
    home: home ?? null,
    frozen: controlPlaneError ?? null,
    commonCause,
    commonCauseSince: state.commonCauseSince,
    availability: state.availability ?? null,
    route: state.route ?? null,
    problems,
    problemsSince: state.problemsSince,
    replicas: replicas.map((replica) => replicaStatus(registry, loginServer, replica, state)),
    unpublishedSignals: outbox.length,
    strips: new Map(replicas.map(({ name, lastDay }) => [name, lastDay])),
  };
};

function replicaStatus(
  registry: Parameters<typeof routingCommands>[0],
  loginServer: string | undefined,
  replica: ReplicaState,
  { reviewedAt, rehearsals, availability, route }: ReviewState,
): ReplicaStatus {
  const rehearsal = rehearsals.find((one) => one.replica === replica.name);
  const { region, name, id, routing, verdict, intent, contested } = replica;
  return {
    region,
    name,
    id,
    routed: routing === 'enabled' || routing === 'disabled' ? routing === 'enabled' : null,
    verdict: verdict.flagged ? 'flagged' : 'ok',
    since: verdict.since,
    evidence: replica.evidence,
    status: replica.evidence.provisioning?.displayStatus ?? null,
    rehearsal: rehearsal === undefined ? null : shownRehearsal(rehearsal),
    reasons: [...standingReasons(replica), ...waitingReasons(rehearsal)],
    awaits: replica.awaits,
    notes: notesOf(replica, { availability, route }),
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
      endRehearsal:
        rehearsal === undefined ? null : endRehearsalCommand(loginServer ?? registry.name, region),
    },
    infrastructureCode: contested === undefined ? null : infrastructureCode(registry, replica),
  };
}

/** A flag stands after its reason is no longer seen, and people want to know why it was raised and how it ends. */
function standingReasons({ verdict, reasons, awaits }: ReplicaState): string[] {
  if (reasons.length > 0 || !verdict.flagged) return reasons;
  const led = verdict.reviews.flatMap(({ because }) => because);
  return [
    ...[...new Set(led)].map((because) => `earlier: ${because}`).slice(-3),
    ...awaits.map((awaited) => `until it is cleared, ${awaited}`),
  ];
}

const shownRehearsal = ({ until, by, reason }: Rehearsal) => ({ until, by, reason });

function waitingReasons(rehearsal: Rehearsal | undefined): string[] {
  if (rehearsal === undefined || hasBegun(rehearsal)) return [];
  const { until, heldBy } = rehearsal;
  const held = heldBy.length === 0 ? '' : `; now held by ${heldBy.join(', ')}`;
  return [`a rehearsal until ${until} begins with the next review in which every interlock passes${held}`];
}
