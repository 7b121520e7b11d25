import { Hono } from 'hono';
import * as v from 'valibot';
import type { Faults } from './arm/faults.ts';
import type { RequestLog } from './arm/request-log.ts';
import type { ContainerGroupControl } from './container-groups/control.ts';
import type { EventGrid } from './event-grid/event-grid.ts';
import type { RegistryControl } from './registries/control.ts';
import { registryRoutes } from './registries/control-routes.ts';

/** Paths that start so are no part of Azure: no fault, hook or quota touches them, and nothing is logged. */
export const controlPrefix = '/_sim/';

interface ControlSurfaceParts {
  readonly containerGroups: ContainerGroupControl;
  readonly registries: RegistryControl;
  readonly eventGrid: EventGrid;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

const named = v.object({ resourceGroup: v.string(), name: v.string() });
const target = v.union([v.object({ id: v.string() }), named]);
const address = v.optional(v.pipe(v.string(), v.ipv4()));
const placed = v.intersect([target, v.object({ address })]);
const fault = v.intersect([
  v.object({
    /** An operation such as `RecordSets_CreateOrUpdate`. */
    operation: v.string(),
    times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
  v.variant('kind', [
    v.object({ kind: v.literal('latency'), ms: v.pipe(v.number(), v.minValue(0)) }),
    v.object({
      kind: v.literal('status'),
      status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
      code: v.exactOptional(v.string()),
      retryAfterSeconds: v.exactOptional(v.number()),
    }),
    v.object({ kind: v.picklist(['lostAnswer', 'lostRequest', 'hang']) }),
  ]),
]);
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(0.99));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const deliveries = v.object({
  duplicateProbability: v.exactOptional(probability),
  delayMs: v.exactOptional(v.tuple([milliseconds, milliseconds])),
});

/** What Azure has no request for: moves of the platform, chosen addresses, faults, and a look at what happened. */
export function controlSurface(parts: ControlSurfaceParts): (request: Request) => Promise<Response> {
  const { containerGroups, registries, eventGrid, faults, requests } = parts;
  const idOf = (one: v.InferOutput<typeof target>): string =>
    'id' in one ? one.id : containerGroups.id(one.resourceGroup, one.name);
  const app = new Hono().basePath(controlPrefix);

  app.post('container-groups', async (context) => {
    const {
      resourceGroup,
      name,
      address: chosen,
    } = await read(context.req.raw, v.intersect([named, v.object({ address })]));
    const id = containerGroups.create({ resourceGroup, name, address: chosen });
    return context.json({ id, address: containerGroups.address(id) }, 201);
  });
  app.get('container-groups', (context) => context.json({ value: containerGroups.list() }));
  app.post('move', async (context) => {
    const wanted = await read(context.req.raw, placed);
    const id = idOf(wanted);
    return context.json({ id, address: containerGroups.move(id, wanted.address) });
  });
  app.post('swap', async (context) => {
    const [first, second] = (await read(context.req.raw, v.tuple([target, target]))).map(idOf);
    if (first === undefined || second === undefined) throw new RangeError('two container groups swap');
    containerGroups.swap(first, second);
    return context.json({
      value: [first, second].map((id) => ({ id, address: containerGroups.address(id) })),
    });
  });
  app.post('faults', async (context) => {
    const { operation, times, ...effect } = await read(context.req.raw, fault);
    faults.add({ ...effect, match: operation, ...(times === undefined ? {} : { times }) });
    return context.body(null, 204);
  });
  app.delete('faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  app.get('requests', (context) => {
    const since = Number(context.req.query('since') ?? 0);
    return context.json({ mark: requests.mark(), totals: requests.totals(), value: requests.since(since) });
  });
  app.post('event-grid', async (context) => {
    eventGrid.change(await read(context.req.raw, deliveries));
    return context.body(null, 204);
  });
  app.get('event-grid', (context) =>
    context.json({
      counts: eventGrid.counts(),
      subscriptions: eventGrid.subscriptions,
      deadLetters: eventGrid.deadLetters,
    }),
  );
  registryRoutes(app, registries, read);
  app.notFound((context) =>
    context.json(
      { error: { code: 'NotFound', message: `There is no ${context.req.method} ${context.req.path}.` } },
      404,
    ),
  );
  app.onError((error, context) => {
    // What the simulator's parts refuse they refuse by these.
    const isRefusal =
      error instanceof RangeError || error instanceof v.ValiError || error instanceof SyntaxError;
    const code = isRefusal ? 'BadRequest' : 'InternalServerError';
    return context.json({ error: { code, message: messageOf(error) } }, isRefusal ? 400 : 500);
  });
  return async (request) => app.fetch(request);
}

async function read<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return v.parse(schema, JSON.parse(await request.text()));
}

function messageOf(error: Error): string {
  if (!(error instanceof v.ValiError)) return error.message;
  const [issue] = error.issues;
  return `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`;
}
