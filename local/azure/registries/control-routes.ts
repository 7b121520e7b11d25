import type { Hono } from 'hono';
import * as v from 'valibot';
import type { RegistryControl } from './control.ts';

const text = v.pipe(v.string(), v.minLength(1));
/** The sample registry, unless another one is named. */
const registry = v.optional(text, 'myregistry');
const place = v.object({ registry, region: text });
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const push = v.object({
  registry,
  repository: text,
  region: v.optional(text),
  tag: v.optional(text),
  digest: v.optional(text),
  platforms: v.optional(v.array(text)),
  chart: v.optional(v.boolean()),
});
const deletion = v.object({ registry, repository: text, digest: text, region: v.optional(text) });
const condition = v.union([
  v.strictObject({
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    retryAfterSeconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  }),
  v.strictObject({ refuse: v.literal(true) }),
  v.strictObject({ hang: v.literal(true) }),
  v.strictObject({ latencyMs: v.pipe(v.number(), v.minValue(0)) }),
]);
const states = ['Creating', 'Updating', 'Deleting', 'Succeeded', 'Failed', 'Canceled'] as const;
const replica = v.object({
  ...place.entries,
  provisioningState: v.optional(v.picklist(states)),
  displayStatus: v.optional(v.string()),
  globalRouting: v.optional(v.picklist(['enabled', 'disabled'])),
  tags: v.optional(v.record(v.string(), v.string())),
  by: v.optional(text),
  omitRoutingFlag: v.optional(v.boolean()),
});

/** Adds to the control surface what registries are asked for there. */
export function registryRoutes(
  app: Hono,
  registries: RegistryControl,
  read: <Schema extends v.GenericSchema>(request: Request, schema: Schema) => Promise<v.InferOutput<Schema>>,
): void {
  app.get('registries', (context) =>
    context.json({
      value: registries.setting().map(({ id, endpoints }) => {
        const name = id.split('/').at(-1) ?? '';
        return { id, name, endpoints, replicas: registries.replicas(name) };
      }),
    }),
  );
  app.post('registries/push', async (context) => {
    const digest = registries.push(await read(context.req.raw, push));
    return context.json({ digest }, 201);
  });
  app.post('registries/delete', async (context) => {
    registries.delete(await read(context.req.raw, deletion));
    return context.body(null, 204);
  });
  app.post('registries/stall', async (context) => {
    const { registry, region } = await read(context.req.raw, place);
    registries.stall(registry, region);
    return context.body(null, 204);
  });
  app.post('registries/resume', async (context) => {
    const { registry, region } = await read(context.req.raw, place);
    registries.resume(registry, region);
    return context.body(null, 204);
  });
  app.post('registries/degrade', async (context) => {
    const { registry, region, ...rest } = await read(context.req.raw, v.looseObject(place.entries));
    registries.degrade(registry, region, v.parse(condition, rest));
    return context.body(null, 204);
  });
  app.post('registries/restore', async (context) => {
    const { registry, region } = await read(context.req.raw, place);
    registries.restore(registry, region);
    return context.body(null, 204);
  });
  app.post('registries/lose-webhooks', async (context) => {
    const wanted = await read(context.req.raw, v.object({ ...place.entries, times: v.optional(count, 1) }));
    registries.loseWebhooks(wanted.registry, wanted.region, wanted.times);
    return context.body(null, 204);
  });
  app.post('registries/replica', async (context) => {
    const { registry, region, ...wanted } = await read(context.req.raw, replica);
    registries.setReplica(registry, region, wanted);
    return context.json(registries.replica(registry, region));
  });
}
