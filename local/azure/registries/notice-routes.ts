import * as v from 'valibot';
import type { ControlRoute } from '../control-route.ts';
import { command, count, place, spanMs } from './command.ts';

const of = v.optional(v.picklist(['webhooks', 'events']));
const times = v.optional(count, 1);
const positions = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const order = v.optional(v.picklist(['arrival', 'reversed']));

/** What the notices of a region add to the control surface. */
export const noticeRoutes: readonly ControlRoute[] = [
  [
    'GET',
    'registries/notices',
    (context, { registries }) => {
      const { registry, region } = v.parse(v.strictObject(place), context.req.query());
      return context.json({ value: registries.notices.held(registry, region) });
    },
  ],
  command('notices/hold', { ...place, of }, ({ notices }, { registry, region, ...kinds }) =>
    notices.hold(registry, region, kinds),
  ),
  command(
    'notices/release',
    { ...place, only: v.optional(positions), order },
    ({ notices }, { registry, region, ...spec }) => notices.release(registry, region, spec),
  ),
  command('notices/discard', { ...place, positions }, ({ notices }, body) =>
    notices.discard(body.registry, body.region, body.positions),
  ),
  command('notices/lose', { ...place, times, of }, ({ notices }, body) =>
    notices.lose(body.registry, body.region, body.times, { of: body.of }),
  ),
  command('notices/duplicate', { ...place, times, of }, ({ notices }, body) =>
    notices.duplicate(body.registry, body.region, body.times, { of: body.of }),
  ),
  command('notices/delay', { ...place, delayMs: spanMs, of }, ({ notices }, body) =>
    notices.delay(body.registry, body.region, body.delayMs, { of: body.of }),
  ),
  command('lose-webhooks', { ...place, times }, (registries, body) =>
    registries.loseWebhooks(body.registry, body.region, body.times),
  ),
];
