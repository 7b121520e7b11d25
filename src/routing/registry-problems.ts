import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { routingCommands } from './commands.ts';
import { isTaggedDisabled } from './intent.ts';
import type { Observation } from './observe.ts';
import type { ReplicaState } from './state.ts';

/** Registries have a handful; this bounds what one entity holds. */
export const maxReplicas = 25;

/** What is wrong with the registry's entry in `REGISTRIES` or with its replicas, in sentences for people. */
export function problemsOf(
  registry: Registry,
  { replicas: observed, controlPlaneError }: Pick<Observation, 'replicas' | 'controlPlaneError'>,
  replicas: readonly ReplicaState[],
): string[] {
  const regions = new Set(observed.map(({ region }) => region));
  // Without an answer, a region may only be unknown so far.
  const missing =
    controlPlaneError === undefined
      ? namedRegions(registry).filter(([, region]) => !regions.has(region))
      : [];
  const forgotten = replicas.filter(({ name, routing, disabledByUs }) => {
    const tags = observed.find((one) => one.name === name)?.read?.tags ?? {};
    return routing === 'disabled' && !disabledByUs && isTaggedDisabled(tags);
  });
  const surplus = observed.length - maxReplicas;
  return [
    ...missing.map(
      ([where, region]) => `${registry.name} has no replica in ${region}, which ${where} in REGISTRIES names`,
    ),
    ...forgotten.map(
      ({ name }) =>
        `${name} was switched off by evenkeel, whose record of it is lost; to switch it on: ${routingCommands(registry, name).on}`,
    ),
    ...(surplus > 0
      ? [`only ${maxReplicas} replicas of a registry are reviewed: ${surplus} are left out`]
      : []),
  ];
}

const namedRegions = ({ regions, endpoints, policy }: Registry): (readonly [where: string, Region])[] => [
  ...(regions === 'all' ? [] : regions.map((region) => ['regions', region] as const)),
  ...[...endpoints.keys()].map((region) => ['endpoints', region] as const),
  ...policy.map(({ region }) => ['policy', region] as const),
];
