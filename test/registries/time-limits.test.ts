import { expect, it } from 'vitest';
import { type Deadline, deadlineIn } from '../../src/lib/deadline.ts';
import { type ReplicaDirectory, replicaDirectory } from '../../src/registries/directory.ts';
import type { MembershipStore } from '../../src/registries/membership.ts';
import type { RegistryReader } from '../../src/registries/ports.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import { InMemoryMemberships } from './in-memory-memberships.ts';
import { registryOf, replicaOf, resourceOf } from './registry-of.ts';

simulateTime();

const registry = registryOf();
const never = () => new Promise<never>(() => {});
/** A side that gives up when its time is over, and never before. */
const inItsTime = ({ signal }: Deadline): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Instead of sides that answer. */
interface Sides {
  readonly read?: RegistryReader['read'];
  readonly listReplicas?: RegistryReader['listReplicas'];
  readonly readReplica?: RegistryReader['readReplica'];
  readonly remembered?: MembershipStore['read'];
}

interface Hanging {
  readonly what: string;
  readonly sides: Sides;
  readonly ask: (directory: ReplicaDirectory, deadline: Deadline) => Promise<unknown>;
  /** Where the caller has 3 s, and where it has a minute. */
  readonly endsMs: readonly [number, number];
  readonly says: RegExp;
}

const view: Hanging['ask'] = async (directory, deadline) => {
  const found = await directory.view(registry, deadline);
  return `${found?.replicas.length} listed, ${found?.members?.size} remembered`;
};
const has: Hanging['ask'] = (directory, deadline) => directory.has(registry, 'westus', deadline);
/** A refresh has a time of its own, which the view waits for. */
const ofView = { ask: view, endsMs: [3_000, 8_000] } as const;

const rows: readonly Hanging[] = [
  {
    ...{ what: 'the registry', sides: { read: never }, ...ofView },
    says: /^undefined listed, undefined remembered$/,
  },
  {
    ...{ what: 'the list of its replicas', sides: { listReplicas: never }, ...ofView },
    says: /^undefined listed, undefined remembered$/,
  },
  {
    ...{ what: 'what is remembered of it', sides: { remembered: (_, deadline) => inItsTime(deadline) } },
    ...{ ...ofView, says: /^1 listed, undefined remembered$/ },
  },
  {
    ...{ what: 'a replica that is asked for by its id', sides: { readReplica: never } },
    ...{ ask: has, endsMs: [3_000, 60_000], says: /^unverifiable$/ },
  },
];

function directoryOf(sides: Sides): ReplicaDirectory {
  const memory = new InMemoryMemberships();
  return replicaDirectory({
    reader: {
      read: sides.read ?? (async () => resourceOf()),
      listReplicas: sides.listReplicas ?? (async () => [replicaOf('eastus')]),
      readReplica: sides.readReplica ?? (async () => undefined),
    },
    memory: {
      read: sides.remembered ?? ((key) => memory.read(key)),
      write: (key, members, version) => memory.write(key, members, version),
    },
    now: () => new Date(),
  });
}

it.each(
  rows.flatMap((row) => [
    { ...row, deadlineMs: 3_000, afterMs: row.endsMs[0] },
    { ...row, deadlineMs: 60_000, afterMs: row.endsMs[1] },
  ]),
)('$what may hang for $afterMs ms, where the caller has $deadlineMs ms', async (row) => {
  const work = row.ask(directoryOf(row.sides), deadlineIn(row.deadlineMs));
  const [end] = await endings([{ work }]);
  expect(end).toEqual({ afterMs: row.afterMs, outcome: expect.stringMatching(row.says) });
});
