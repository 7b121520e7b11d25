import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { faultRoutes } from './arm/fault-routes.ts';
import { governanceRoutes } from './arm/governance-routes.ts';
import { staleReadRoutes } from './arm/stale-read-routes.ts';
import { containerGroupRoutes } from './container-groups/control-routes.ts';
import { type ControlParts, type ControlRoute, readBody } from './control-route.ts';
import { registryRoutes } from './registries/control-routes.ts';

/** Paths that start so are no part of Azure: no fault, hook or quota touches them, and nothing is logged. */
export const controlPrefix = '/_sim/';

const routes: readonly ControlRoute[] = [
  ['GET', 'requests', listRequests],
  ['POST', 'event-grid', changeDeliveries],
  ['GET', 'event-grid', showDeliveries],
  ...containerGroupRoutes,
  ...faultRoutes,
  ...governanceRoutes,
  ...staleReadRoutes,
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

const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(0.99));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const deliveries = v.object({
  duplicateProbability: v.exactOptional(probability),
  delayMs: v.exactOptional(v.tuple([milliseconds, milliseconds])),
});

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
