import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';
import { command, registry, text } from './command.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { imageRoutes } from './image-routes.ts';
import { noticeRoutes } from './notice-routes.ts';
import { replicaRoutes } from './replica-routes.ts';

const availability = {
  registry,
  state: v.picklist(['Available', 'Degraded', 'Unavailable', 'Unknown']),
  summary: v.exactOptional(text),
  since: v.exactOptional(v.number()),
};

/** What registries add to the control surface. */
export const registryRoutes: readonly ControlRoute[] = [
  ['GET', 'registries', listRegistries],
  ['POST', 'registries', createRegistry],
  ...imageRoutes,
  ...replicaRoutes,
  ...endpointRoutes,
  ...noticeRoutes,
  command('availability', availability, (registries, { registry: name, ...wanted }) =>
    registries.setAvailability(name, wanted),
  ),
];

function listRegistries(context: Context, { registries }: ControlParts): Response {
  const value = registries.setting().map(({ id, endpoints }) => ({
    id,
    name: id.split('/').at(-1) ?? '',
    loginServer: registries.loginServer(id),
    endpoints,
    replicas: registries.replicas(id),
  }));
  return context.json({ value });
}

const creation = v.strictObject({
  name: text,
  subscriptionId: v.optional(text),
  resourceGroup: v.optional(text),
  labelHash: v.optional(text),
  home: text,
  replicas: v.optional(v.array(text)),
  hasHomeReplication: v.optional(v.boolean()),
});

async function createRegistry(context: Context, { registries }: ControlParts): Promise<Response> {
  const id = registries.create(await readBody(context, creation));
  return context.json({ id, loginServer: registries.loginServer(id) }, 201);
}
