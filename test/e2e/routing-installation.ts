import * as v from 'valibot';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { tableKey } from '../../src/azure/storage/entities.ts';
import { reviewTable, reviewTableName } from '../../src/azure/storage/reviews.ts';
import { openTable } from '../../src/azure/storage/tables.ts';
import { decodeReviewState, encodeReviewState } from '../../src/routing/state-codec.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { installReplication, type ReplicationInstallation } from './replication-installation.ts';

const replicaSchema = v.looseObject({
  region: v.string(),
  routed: v.nullable(v.boolean()),
  verdict: v.picklist(['ok', 'flagged']),
  reasons: v.array(v.string()),
  evidence: v.record(v.string(), v.unknown()),
  interlocks: v.array(v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() })),
  action: v.looseObject({ do: v.string(), because: v.string() }),
});
const registrySchema = v.looseObject({
  registry: v.string(),
  frozen: v.nullable(v.object({ since: v.string(), reason: v.string() })),
  commonCause: v.boolean(),
  problems: v.array(v.string()),
  replicas: v.array(replicaSchema),
});
const statusSchema = v.looseObject({
  problems: v.array(v.looseObject({ code: v.string(), message: v.string() })),
  registries: v.array(registrySchema),
});
const eventSchema = v.looseObject({
  id: v.string(),
  type: v.string(),
  subject: v.string(),
  data: v.looseObject({ region: v.string() }),
});

type Status = v.InferOutput<typeof statusSchema>;
type SeenRegistry = v.InferOutput<typeof registrySchema>;
type SeenReplica = v.InferOutput<typeof replicaSchema>;

/** A change that Resource Manager was asked for. */
interface Patch {
  readonly region: string;
  readonly body: unknown;
}

export interface RoutingInstallation extends ReplicationInstallation {
  /** Every PATCH of a replication so far, whatever came of it. */
  readonly patches: readonly Patch[];
  /** `GET /api/status`. @param via base URL of the host; that of the installation by default. */
  status(via?: string): Promise<Status>;
  /** What the status says of a registry, `myregistry` by default. */
  seen(registry?: string): Promise<SeenRegistry>;
  seenReplica(region: string, registry?: string): Promise<SeenReplica>;
  /** What was published about replicas, in order. */
  told(): readonly v.InferOutput<typeof eventSchema>[];
  /** Lets time pass between two reviews of a registry: all that it remembers is so much longer ago. */
  letPass(minutes: number, registry?: string): Promise<void>;
  /** A new registry of the same name, in four regions, all well, that was never reviewed. */
  begin(registry?: string): Promise<void>;
}

type Options = NonNullable<Parameters<typeof installReplication>[0]>;

/** The rules that refuse. */
export const refusing = ({ interlocks }: SeenReplica): string[] =>
  interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);

/** One bad review raises a flag, and one good one clears it. */
export const prompt = { review: { raise: '1/1', clear: 1 } };

/** The built app over registries whose changes are done with the answer. */
export async function installRouting(options: Options = {}): Promise<RoutingInstallation> {
  const world = await installReplication({
    ...options,
    azure: {
      ...options.azure,
      registryBehaviour: { updateIsLongRunning: false, ...options.azure?.registryBehaviour },
    },
  });
  const { azure } = world;
  const name = sampleRegistry.name;
  const connectionString = azure.storage?.connectionString ?? '';
  const table = openTable(reviewTableName, { kind: 'connectionString', connectionString }, undefined);
  const states = reviewTable(table);
  const patches: Patch[] = [];
  azure.onRequest(({ operation, id, body }) => {
    if (operation === 'Replications_Update') patches.push({ region: id.split('/').at(-1) ?? '', body });
  });

  async function status(via = world.host.url) {
    const answer = await fetch(`${via}/api/status`);
    return v.parse(statusSchema, await answer.json());
  }
  const seen: RoutingInstallation['seen'] = async (registry = name) => {
    const found = (await status()).registries.find((one) => one.registry === registry);
    if (found === undefined) throw new Error(`the status names no registry ${registry}`);
    return found;
  };
  return {
    ...world,
    get host() {
      return world.host;
    },
    patches,
    status,
    seen,
    async seenReplica(region, registry) {
      const found = (await seen(registry)).replicas.find((one) => one.region === region);
      if (found === undefined) throw new Error(`the status names no replica in ${region}`);
      return found;
    },
    told: () =>
      azure
        .topic('evenkeel')
        .events.filter(({ type }) => String(type).startsWith('evenkeel.replica.'))
        .map((event) => v.parse(eventSchema, event)),
    async letPass(minutes, registry = name) {
      const stored = await states.read(`${registry}.azurecr.io`, noDeadline);
      if (stored?.state === undefined) throw new Error(`${registry} was not reviewed yet`);
      const earlier = earlierBy(minutes * 60_000, encodeReviewState(stored.state));
      const state = decodeReviewState(registry, earlier);
      if (state === undefined) throw new Error(`the review of ${registry} became unreadable`);
      await states.write(`${registry}.azurecr.io`, state, stored.etag, noDeadline);
    },
    async begin(registry = name) {
      azure.faults.clear();
      azure.registries.create({ ...sampleRegistry, name: registry });
      await table.delete(tableKey(`${registry}.azurecr.io`), 'review', noDeadline);
      azure.topic('evenkeel').events.length = 0;
      patches.length = 0;
    },
  };
}

const earlierBy = (ms: number, text: string): string =>
  text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (time) =>
    JSON.stringify(new Date(Date.parse(JSON.parse(time)) - ms)),
  );
