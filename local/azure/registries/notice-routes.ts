import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';

/** What the notices of a region add to the control surface. */
export const noticeRoutes: readonly ControlRoute[] = [
  ['GET', 'registries/notices', showHeld],
  ['POST', 'registries/notices/hold', hold],
  ['POST', 'registries/notices/release', release],
  ['POST', 'registries/notices/discard', discard],
  ['POST', 'registries/notices/lose', lose],
  ['POST', 'registries/notices/duplicate', duplicate],
  ['POST', 'registries/notices/delay', delay],
];

const text = v.pipe(v.string(), v.minLength(1));
const place = { registry: v.optional(text, 'myregistry'), region: text };
const of = v.optional(v.picklist(['webhooks', 'events']));
const positions = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1);

function showHeld(context: Context, { registries }: ControlParts): Response {
  const { registry, region } = v.parse(v.object(place), context.req.query());
  return context.json({ value: registries.notices.held(registry, region) });
}

async function hold(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, ...kinds } = await readBody(context, v.strictObject({ ...place, of }));
  registries.notices.hold(registry, region, kinds);
  return context.body(null, 204);
}

const releasing = v.strictObject({
  ...place,
  only: v.optional(positions),
  order: v.optional(v.picklist(['arrival', 'reversed'])),
});

async function release(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, ...spec } = await readBody(context, releasing);
  registries.notices.release(registry, region, spec);
  return context.body(null, 204);
}

async function discard(context: Context, { registries }: ControlParts): Promise<Response> {
  const body = await readBody(context, v.strictObject({ ...place, positions }));
  registries.notices.discard(body.registry, body.region, body.positions);
  return context.body(null, 204);
}

const counted = v.strictObject({ ...place, times, of });

async function lose(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, times: count, ...kinds } = await readBody(context, counted);
  registries.notices.lose(registry, region, count, kinds);
  return context.body(null, 204);
}

async function duplicate(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, times: count, ...kinds } = await readBody(context, counted);
  registries.notices.duplicate(registry, region, count, kinds);
  return context.body(null, 204);
}

const delaying = v.strictObject({ ...place, delayMs: v.pipe(v.number(), v.minValue(0)), of });

async function delay(context: Context, { registries }: ControlParts): Promise<Response> {
  const { registry, region, delayMs, ...kinds } = await readBody(context, delaying);
  registries.notices.delay(registry, region, delayMs, kinds);
  return context.body(null, 204);
}
