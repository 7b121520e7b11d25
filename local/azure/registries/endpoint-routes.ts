import * as v from 'valibot';
import { type ControlRoute, readBody } from '../control-route.ts';
import { command, place, registry, spanMs, text } from './command.ts';

const condition = v.union([
  v.strictObject({
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    retryAfterSeconds: v.optional(spanMs),
  }),
  v.strictObject({ firewall: v.literal(true) }),
  v.strictObject({ refuse: v.literal(true) }),
  v.strictObject({ hang: v.literal(true) }),
  v.strictObject({ latencyMs: spanMs }),
]);
const part = v.optional(v.picklist(['endpoint', 'frontDoor', 'manifests', 'blobs', 'tokens', 'data']));
const role = v.picklist([
  'AcrPull',
  'Container Registry Repository Reader',
  'Container Registry Repository Catalog Lister',
]);
const access = {
  registry,
  mode: v.exactOptional(v.picklist(['LegacyRegistryPermissions', 'AbacRepositoryPermissions'])),
  roles: v.exactOptional(v.array(role)),
  repositories: v.exactOptional(v.array(text)),
  refusedAt: v.exactOptional(v.picklist(['exchange', 'scope', 'endpoint'])),
};

/** What regional endpoints and their token services add to the control surface. */
export const endpointRoutes: readonly ControlRoute[] = [
  [
    'POST',
    'registries/degrade',
    async (context, { registries }) => {
      const body = await readBody(context, v.looseObject({ ...place, part }));
      const { registry: name, region, part: which, ...rest } = body;
      registries.degrade(name, region, v.parse(condition, rest), which);
      return context.body(null, 204);
    },
  ],
  command('restore', { ...place, part }, (registries, body) =>
    registries.restore(body.registry, body.region, body.part),
  ),
  [
    'POST',
    'registries/degrade-tokens',
    async (context, { registries }) => {
      const { registry: name, ...rest } = await readBody(context, v.looseObject({ registry }));
      registries.degradeTokenService(name, v.parse(condition, rest));
      return context.body(null, 204);
    },
  ],
  command('restore-tokens', { registry }, (registries, body) =>
    registries.restoreTokenService(body.registry),
  ),
  command('permit', access, (registries, { registry: name, ...wanted }) => registries.permit(name, wanted)),
];
