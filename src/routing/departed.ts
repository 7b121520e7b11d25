import { isInFlight } from './intent.ts';
import type { ObservedReplica } from './observe.ts';
import type { Departed, ReplicaState } from './state.ts';

/** A replica is gone after so many looks in a row that found it neither by id nor in the list. */
const looks = 2;

export const goneReplicas = (replicas: readonly ReplicaState[]): ReplicaState[] =>
  replicas.filter(({ absences = 0 }) => absences >= looks);

const dayMs = 24 * 60 * 60 * 1000;
/** What evenkeel switched off is still its own when it comes back within this time. */
const disabledMs = 30 * dayMs;
/** A creation that Azure took back is reported for this time, or until the region has a replica. */
const rolledBackMs = 7 * dayMs;

/** The replicas that are gone and not forgotten, after a review that found some more to be gone, and others present. */
export function departedAfter(
  before: readonly Departed[],
  gone: readonly ReplicaState[],
  present: readonly ReplicaState[],
  now: Date,
): Departed[] {
  const more = gone.map((replica) => ({
    at: now.toISOString(),
    wasRolledBack: replica.isBeingCreated === true,
    // Its flag was cleared with its end, and what was seen of it says nothing about the next one.
    replica: {
      ...replica,
      verdict: { ...replica.verdict, flagged: false },
      reviews: [],
      absences: undefined,
    },
  }));
  return [...before, ...more].filter(
    (one) =>
      (isOurs(one, now) && !present.some(({ name }) => isSame(name, one.replica.name))) ||
      (isRolledBack(one, now) && !present.some(({ region }) => region === one.replica.region)),
  );
}

const isOurs = ({ at, replica: { disabledByUs, intent } }: Departed, now: Date): boolean =>
  (disabledByUs || (intent?.to === 'disabled' && isInFlight(intent))) &&
  now.getTime() - Date.parse(at) < disabledMs;

const isRolledBack = ({ at, wasRolledBack }: Departed, now: Date): boolean =>
  wasRolledBack && now.getTime() - Date.parse(at) < rolledBackMs;

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What a replica inherits that has come back; `undefined` when nothing is remembered of its name. */
export const inheritedReplica = (
  departed: readonly Departed[],
  { name }: Pick<ObservedReplica, 'name'>,
  now: Date,
): ReplicaState | undefined =>
  departed.find((one) => isOurs(one, now) && isSame(one.replica.name, name))?.replica;

/** What is wrong with replicas that are gone, in sentences. */
export const rollbackProblems = (departed: readonly Departed[], now: Date): string[] =>
  departed
    .filter((one) => isRolledBack(one, now))
    .map(({ replica: { name, region, lastProvisioning } }) => {
      const message = lastProvisioning?.message === undefined ? '' : `: ${lastProvisioning.message}`;
      return `the replica ${name} in ${region} was being created and is gone, so its creation was rolled back; known causes: ${rollbackCauses}${message}`;
    });

/** https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication */
const rollbackCauses =
  'no permission Microsoft.Network/privateEndpoints/privateLinkServiceProxies/write on a private endpoint of the registry, a private endpoint subnet that is out of addresses, statically allocated addresses of a private endpoint';
