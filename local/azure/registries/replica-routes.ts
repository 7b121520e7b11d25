import * as v from 'valibot';
import { type ControlRoute, readBody } from '../control-route.ts';
import { command, count, place, registry, spanMs, text } from './command.ts';

const states = ['Creating', 'Updating', 'Deleting', 'Succeeded', 'Failed', 'Canceled'] as const;
const changed = v.strictObject({
  ...place,
  provisioningState: v.optional(v.picklist(states)),
  displayStatus: v.optional(v.string()),
  statusAt: v.optional(v.number()),
  globalRouting: v.optional(v.picklist(['enabled', 'disabled'])),
  tags: v.optional(v.record(v.string(), v.string())),
  by: v.optional(text),
  omitRoutingFlag: v.optional(v.boolean()),
});
const added = {
  ...place,
  name: v.optional(text),
  by: v.optional(text),
  /** Null is for ever, which JSON has no number for. */
  seedsForMs: v.optional(v.nullable(spanMs)),
};
const hiding = {
  ...place,
  from: v.picklist(['list', 'get', 'both']),
  reads: v.optional(count),
  forMs: v.optional(spanMs),
};

/** What replicas and their replication resources add to the control surface. */
export const replicaRoutes: readonly ControlRoute[] = [
  [
    'POST',
    'registries/replica',
    async (context, { registries }) => {
      const { registry: name, region, ...wanted } = await readBody(context, changed);
      registries.setReplica(name, region, wanted);
      return context.json(registries.replica(name, region));
    },
  ],
  command('add-replica', added, (registries, { registry: name, region, seedsForMs, ...rest }) => {
    const seeds = seedsForMs === undefined ? {} : { seedsForMs: seedsForMs ?? Number.POSITIVE_INFINITY };
    registries.addReplica(name, region, { ...rest, ...seeds });
    return registries.replica(name, region);
  }),
  command('remove-replica', place, (registries, body) =>
    registries.removeReplica(body.registry, body.region),
  ),
  command('finish-seeding', place, (registries, body) =>
    registries.finishSeeding(body.registry, body.region),
  ),
  command('stall', place, (registries, body) => registries.stall(body.registry, body.region)),
  command('resume', place, (registries, body) => registries.resume(body.registry, body.region)),
  command('fail-updates', { ...place, times: v.optional(count, 1) }, (registries, body) =>
    registries.failUpdates(body.registry, body.region, body.times),
  ),
  command('hide', hiding, (registries, { registry: name, region, ...spec }) =>
    registries.hide(name, region, spec),
  ),
  command('show', place, (registries, body) => registries.show(body.registry, body.region)),
  command('freeze-list', { registry }, (registries, body) => registries.freezeList(body.registry)),
  command('thaw-list', { registry }, (registries, body) => registries.thawList(body.registry)),
];
