import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';

/** What registries add to the control surface. */
export const registryRoutes: readonly ControlRoute[] = [
  ['GET', 'registries', listRegistries],
  ['POST', 'registries', createRegistry],
  ['POST', 'registries/push', pushImage],
  ['POST', 'registries/delete', deleteImage],
  ['POST', 'registries/untag', untagImage],
  ['GET', 'registries/parts', showParts],
  ['POST', 'registries/withhold', withholdPart],
  ['POST', 'registries/repair', repairParts],
  ['POST', 'registries/stall', stallReplica],
  ['POST', 'registries/resume', resumeReplica],
  ['POST', 'registries/degrade', degradeEndpoint],
  ['POST', 'registries/restore', restoreEndpoint],
  ['POST', 'registries/degrade-tokens', degradeTokens],
  ['POST', 'registries/restore-tokens', restoreTokens],
  ['POST', 'registries/permit', permit],
  ['POST', 'registries/lose-webhooks', loseWebhooks],
  ['POST', 'registries/replica', changeReplica],
  ['POST', 'registries/add-replica', addReplica],
  ['POST', 'registries/remove-replica', removeReplica],
  ['POST', 'registries/finish-seeding', finishSeeding],
  ['POST', 'registries/hide', hideReplica],
  ['POST', 'registries/show', showReplica],
];

const text = v.pipe(v.string(), v.minLength(1));
/** The sample registry, unless another one is named by its name, login server or ARM id. */
const registry = v.optional(text, 'myregistry');
const place = v.object({ registry, region: text });
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const creation = v.strictObject({
  name: text,
  subscriptionId: v.optional(text),
  resourceGroup: v.optional(text),
  labelHash: v.optional(text),
  home: text,
  replicas: v.optional(v.array(text)),
  hasHomeReplication: v.optional(v.boolean()),
});
const travel = {
  copyAfterMs: v.optional(v.record(text, v.pipe(v.number(), v.minValue(0)))),
  at: v.optional(v.number()),
  host: v.optional(text),
};
const missing = v.strictObject({
  region: text,
  part: v.picklist(['manifest', 'config', 'layer']),
  platform: v.optional(text),
  layer: v.optional(count),
});
const push = v.object({
  registry,
  repository: text,
  region: v.optional(text),
  tag: v.optional(text),
  digest: v.optional(text),
  platforms: v.optional(v.array(text)),
  layers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100))),
  missing: v.optional(v.array(missing)),
  chart: v.optional(v.boolean()),
  ...travel,
});
const deletion = v.object({
  registry,
  repository: text,
  digest: text,
  region: v.optional(text),
  ...travel,
});
const untagging = v.object({
  registry,
  repository: text,
  tag: text,
  region: v.optional(text),
  ...travel,
});
const condition = v.union([
  v.strictObject({
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    retryAfterSeconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  }),
  v.strictObject({ firewall: v.literal(true) }),
  v.strictObject({ refuse: v.literal(true) }),
  v.strictObject({ hang: v.literal(true) }),
  v.strictObject({ latencyMs: v.pipe(v.number(), v.minValue(0)) }),
]);
const part = v.optional(v.picklist(['endpoint', 'frontDoor', 'manifests', 'blobs', 'tokens', 'data']));
const imagePart = { repository: text, digest: text };
const loss = v.object({ ...place.entries, times: v.optional(count, 1) });
const states = ['Creating', 'Updating', 'Deleting', 'Succeeded', 'Failed', 'Canceled'] as const;
const replica = v.object({
  ...place.entries,
  provisioningState: v.optional(v.picklist(states)),
  displayStatus: v.optional(v.string()),
  statusAt: v.optional(v.number()),
  globalRouting: v.optional(v.picklist(['enabled', 'disabled'])),
  tags: v.optional(v.record(v.string(), v.string())),
  by: v.optional(text),
  omitRoutingFlag: v.optional(v.boolean()),
});

const spanMs = v.pipe(v.number(), v.minValue(0));
const newReplica = v.strictObject({
  ...place.entries,
  name: v.optional(text),
  by: v.optional(text),
  /** Null is for ever, which JSON has no number for. */
  seedsForMs: v.optional(v.nullable(spanMs)),
});
const hiding = v.strictObject({
  ...place.entries,
  from: v.picklist(['list', 'get', 'both']),
  reads: v.optional(count),
  forMs: v.optional(spanMs),
});

function listRegistries(context: Context, { registries }: ControlParts): Response {
  const value = registries.setting().map(({ id, endpoints }) => {
    const name = id.split('/').at(-1) ?? '';
    return {
      id,
      name,
      loginServer: registries.loginServer(id),
      endpoints,
      replicas: registries.replicas(id),
    };
  });
  return context.json({ value });
}

async function createRegistry(context: Context, { registries }: ControlParts): Promise<Response> {
  const id = registries.create(await readBody(context, creation));
  return context.json({ id, loginServer: registries.loginServer(id) }, 201);
}

async function pushImage(context: Context, { registries }: ControlParts): Promise<Response> {
  return context.json({ digest: registries.push(await readBody(context, push)) }, 201);
}

async function deleteImage(context: Context, { registries }: ControlParts): Promise<Response> {
  registries.delete(await readBody(context, deletion));
  return context.body(null, 204);
}

async function untagImage(context: Context, { registries }: ControlParts): Promise<Response> {
  registries.untag(await readBody(context, untagging));
  return context.body(null, 204);
}

function showParts(context: Context, { registries }: ControlParts): Response {
  const query = v.object({ registry, ...imagePart });
  const { registry: name, repository, digest } = v.parse(query, context.req.query());
  return context.json(registries.partsOf(name, repository, digest));
}

async function withholdPart(context: Context, { registries }: ControlParts): Promise<Response> {
  const body = v.strictObject({ ...place.entries, ...imagePart });
  const { registry: name, region, repository, digest } = await readBody(context, body);
  registries.withhold(name, region, repository, digest);
  return context.body(null, 204);
}

async function repairParts(context: Context, { registries }: ControlParts): Promise<Response> {
  const body = v.union([v.strictObject({ ...place.entries, ...imagePart }), v.strictObject(place.entries)]);
  const wanted = await readBody(context, body);
  registries.repair(wanted.registry, wanted.region, 'digest' in wanted ? wanted : undefined);
  return context.body(null, 204);
}

async function stallReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region } = await readBody(context, place);
  registries.stall(registry, region);
  return context.body(null, 204);
}

async function resumeReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region } = await readBody(context, place);
  registries.resume(registry, region);
  return context.body(null, 204);
}

async function degradeEndpoint(context: Context, { registries }: ControlParts): Promise<Response> {
  const body = await readBody(context, v.looseObject({ ...place.entries, part }));
  const { registry, region, part: which, ...rest } = body;
  registries.degrade(registry, region, v.parse(condition, rest), which);
  return context.body(null, 204);
}

async function restoreEndpoint(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, part: which } = await readBody(context, v.object({ ...place.entries, part }));
  registries.restore(registry, region, which);
  return context.body(null, 204);
}

async function loseWebhooks(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, times } = await readBody(context, loss);
  registries.loseWebhooks(registry, region, times);
  return context.body(null, 204);
}

async function changeReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, ...wanted } = await readBody(context, replica);
  registries.setReplica(registry, region, wanted);
  return context.json(registries.replica(registry, region));
}

async function addReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, region, seedsForMs, ...options } = await readBody(context, newReplica);
  const seeds = seedsForMs === undefined ? {} : { seedsForMs: seedsForMs ?? Number.POSITIVE_INFINITY };
  registries.addReplica(name, region, { ...options, ...seeds });
  return context.json(registries.replica(name, region), 201);
}

async function removeReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, region } = await readBody(context, place);
  registries.removeReplica(name, region);
  return context.body(null, 204);
}

async function finishSeeding(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, region } = await readBody(context, place);
  registries.finishSeeding(name, region);
  return context.body(null, 204);
}

async function hideReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, region, ...spec } = await readBody(context, hiding);
  registries.hide(name, region, spec);
  return context.body(null, 204);
}

async function showReplica(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, region } = await readBody(context, place);
  registries.show(name, region);
  return context.body(null, 204);
}

async function degradeTokens(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, ...rest } = await readBody(context, v.looseObject({ registry }));
  registries.degradeTokenService(name, v.parse(condition, rest));
  return context.body(null, 204);
}

async function restoreTokens(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name } = await readBody(context, v.strictObject({ registry }));
  registries.restoreTokenService(name);
  return context.body(null, 204);
}

const access = v.strictObject({
  registry,
  mode: v.exactOptional(v.picklist(['LegacyRegistryPermissions', 'AbacRepositoryPermissions'])),
  roles: v.exactOptional(
    v.array(
      v.picklist([
        'AcrPull',
        'Container Registry Repository Reader',
        'Container Registry Repository Catalog Lister',
      ]),
    ),
  ),
  repositories: v.exactOptional(v.array(text)),
  refusedAt: v.exactOptional(v.picklist(['exchange', 'scope', 'endpoint'])),
});

async function permit(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry: name, ...wanted } = await readBody(context, access);
  registries.permit(name, wanted);
  return context.body(null, 204);
}
