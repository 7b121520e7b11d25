import * as v from 'valibot';
import type { ControlRoute } from '../control-route.ts';
import { command, count, place, registry, spanMs, text } from './command.ts';

const image = { repository: text, digest: text };
const travel = {
  registry,
  repository: text,
  region: v.optional(text),
  copyAfterMs: v.optional(v.record(text, spanMs)),
  at: v.optional(v.number()),
  host: v.optional(text),
};
const missing = v.strictObject({
  region: text,
  part: v.picklist(['manifest', 'config', 'layer']),
  platform: v.optional(text),
  layer: v.optional(count),
});
const push = {
  ...travel,
  tag: v.optional(text),
  digest: v.optional(text),
  platforms: v.optional(v.array(text)),
  layers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100))),
  missing: v.optional(v.array(missing)),
  chart: v.optional(v.boolean()),
};
const onePart = v.strictObject({ ...place, ...image });
const allParts = v.strictObject(place);

/** What the images of registries add to the control surface. */
export const imageRoutes: readonly ControlRoute[] = [
  command('push', push, (registries, body) => ({ digest: registries.push(body) })),
  command('delete', { ...travel, digest: text }, (registries, body) => registries.delete(body)),
  command('untag', { ...travel, tag: text }, (registries, body) => registries.untag(body)),
  [
    'GET',
    'registries/parts',
    (context, { registries }) => {
      const wanted = v.parse(v.strictObject({ registry, ...image }), context.req.query());
      return context.json(registries.partsOf(wanted.registry, wanted.repository, wanted.digest));
    },
  ],
  command('withhold', onePart.entries, (registries, body) =>
    registries.withhold(body.registry, body.region, body.repository, body.digest),
  ),
  [
    'POST',
    'registries/repair',
    async (context, { registries }) => {
      const body = v.parse(v.union([onePart, allParts]), JSON.parse(await context.req.text()));
      registries.repair(body.registry, body.region, 'digest' in body ? body : undefined);
      return context.body(null, 204);
    },
  ],
];
