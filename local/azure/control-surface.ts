import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { faultRoutes } from './arm/fault-routes.ts';
import { governanceRoutes } from './arm/governance-routes.ts';
import { type ControlParts, type ControlRoute, readBody } from './control-route.ts';
import { registryRoutes } from './registries/control-routes.ts';

/** Paths that start so are no part of Azure: no fault, hook or quota touches them, and nothing is logged. */
export const controlPrefix = '/_sim/';

const routes: readonly ControlRoute[] = [
  ['POST', 'container-groups', createGroup],
  ['GET', 'container-groups', listGroups],
  ['POST', 'move', moveGroup],
  ['POST', 'swap', swapGroups],
  ['GET', 'requests', listRequests],
  ['POST', 'event-grid', changeDeliveries],
  ['GET', 'event-grid', showDeliveries],
  ...faultRoutes,
  ...governanceRoutes,
  ...registryRoutes,
];

/** What Azure has no request for: moves of the platform, chosen addresses, faults, and a look at what happened. */
export function controlSurface(parts: ControlParts): (request: Request) => Promise<Response> {
  const app = new Hono().basePath(controlPrefix);
  for (const [method, path, handler] of routes) app.on(method, path, (context) => handler(context, parts));
  app.notFound((context) => refuse(context, 404, `There is no ${context.req.method} ${context.req.path}.`));
  app.onError((error, context) => {
    // The simulator's parts refuse what they are asked for by these errors.
    const isRefusal =
      error instanceof RangeError || error instanceof v.ValiError || error instanceof SyntaxError;
    return refuse(context, isRefusal ? 400 : 500, messageOf(error));
  });
  return async (request) => app.fetch(request);
}

const named = v.object({ resourceGroup: v.string(), name: v.string() });
const target = v.union([v.object({ id: v.string() }), named]);
const address = v.optional(v.pipe(v.string(), v.ipv4()));
const creation = v.intersect([named, v.object({ address })]);
const placed = v.intersect([target, v.object({ address })]);
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(0.99));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const deliveries = v.object({
  duplicateProbability: v.exactOptional(probability),
  delayMs: v.exactOptional(v.tuple([milliseconds, milliseconds])),
});

async function createGroup(context: Context, { containerGroups }: ControlParts): Promise<Response> {
  const id = containerGroups.create(await readBody(context, creation));
  return context.json({ id, address: containerGroups.address(id) }, 201);
}

function listGroups(context: Context, { containerGroups }: ControlParts): Response {
  return context.json({ value: containerGroups.list() });
}

async function moveGroup(context: Context, parts: ControlParts): Promise<Response> {
  const wanted = await readBody(context, placed);
  const id = idOf(wanted, parts);
  return context.json({ id, address: parts.containerGroups.move(id, wanted.address) });
}

async function swapGroups(context: Context, parts: ControlParts): Promise<Response> {
  const { containerGroups } = parts;
  const [first, second] = await readBody(context, v.tuple([target, target]));
  const ids = [idOf(first, parts), idOf(second, parts)] as const;
  containerGroups.swap(...ids);
  return context.json({ value: ids.map((id) => ({ id, address: containerGroups.address(id) })) });
}

const idOf = (group: v.InferOutput<typeof target>, { containerGroups }: ControlParts): string =>
  'id' in group ? group.id : containerGroups.id(group.resourceGroup, group.name);

function listRequests(context: Context, { requests }: ControlParts): Response {
  const since = Number(context.req.query('since') ?? 0);
  return context.json({ mark: requests.mark(), totals: requests.totals(), value: requests.since(since) });
}

async function changeDeliveries(context: Context, { eventGrid }: ControlParts): Promise<Response> {
  eventGrid.change(await readBody(context, deliveries));
  return context.body(null, 204);
}

function showDeliveries(context: Context, { eventGrid }: ControlParts): Response {
  return context.json({
    counts: eventGrid.counts(),
    subscriptions: eventGrid.subscriptions,
    deadLetters: eventGrid.deadLetters,
  });
}

const codes = { 400: 'BadRequest', 404: 'NotFound', 500: 'InternalServerError' } as const;

const refuse = (context: Context, status: keyof typeof codes, message: string): Response =>
  context.json({ error: { code: codes[status], message } }, status);

function messageOf(error: Error): string {
  if (!(error instanceof v.ValiError)) return error.message;
  const [issue] = error.issues;
  return `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`;
}
