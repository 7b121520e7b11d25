import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { routingCommands } from './commands.ts';
import { rollbackProblems } from './departed.ts';
import type { Observation } from './observe.ts';
import { isTaggedDisabled } from './ownership-tag.ts';
import { unservedProblem } from './pull-evidence.ts';
import type { ReplicaState, ReviewState } from './state.ts';

/** What is wrong with the registry's entry in `REGISTRIES` or with its replicas, in sentences for people. */
export const problemsOf = (
  registry: Registry,
  observation: Pick<Observation, 'replicas' | 'controlPlaneError'>,
  { replicas, departed, reviewedAt }: Pick<ReviewState, 'replicas' | 'departed' | 'reviewedAt'>,
): string[] => [
  ...regionsWithoutReplica(registry, observation, replicas),
  ...lostRecords(registry, observation, replicas),
  ...unserved(registry, replicas),
  ...rollbackProblems(departed, new Date(reviewedAt)),
];

function regionsWithoutReplica(
  registry: Registry,
  { controlPlaneError }: Pick<Observation, 'controlPlaneError'>,
  replicas: readonly ReplicaState[],
): string[] {
  // Without an answer, a region may only be unknown so far.
  if (controlPlaneError !== undefined) return [];
  const regions = new Set(replicas.map(({ region }) => region));
  return namedRegions(registry)
    .filter(([, region]) => !regions.has(region))
    .map(
      ([where, region]) =>
        `${registry.name} has no replica in ${region}, although ${where} in REGISTRIES names it`,
    );
}

const namedRegions = ({ regions, endpoints, policy }: Registry): (readonly [where: string, Region])[] => [
  ...(regions === 'all' ? [] : regions.map((region) => ['regions', region] as const)),
  ...[...endpoints.keys()].map((region) => ['endpoints', region] as const),
  ...policy.map(({ region }) => ['policy', region] as const),
];

function unserved({ name }: Registry, replicas: readonly ReplicaState[]): string[] {
  const problem = unservedProblem(
    name,
    replicas.flatMap(({ evidence }) => evidence.pull ?? []),
  );
  return problem === undefined ? [] : [problem];
}

/** Replicas that carry our tag although the state does not know that evenkeel switched them off. */
const lostRecords = (
  registry: Registry,
  { replicas: observed }: Pick<Observation, 'replicas'>,
  replicas: readonly ReplicaState[],
): string[] =>
  replicas
    .filter(({ name, routing, disabledByUs }) => {
      const seen = observed.find((one) => one.name === name)?.read;
      return routing === 'disabled' && !disabledByUs && seen !== undefined && isTaggedDisabled(seen.tags);
    })
    .map(
      ({ name }) =>
        `${name} was switched off by evenkeel, but the record of that is lost; to switch it on: ${routingCommands(registry, name).on}`,
    );
