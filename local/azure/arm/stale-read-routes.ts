import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';

/** What stale reads add to the control surface. */
export const staleReadRoutes: readonly ControlRoute[] = [
  ['POST', 'stale-reads', addStaleRead],
  ['GET', 'stale-reads', listStaleReads],
  ['DELETE', 'stale-reads', clearStaleReads],
];

const text = v.pipe(v.string(), v.minLength(1));
const staleRead = v.intersect([
  v.object({
    path: v.exactOptional(text),
    pathPrefix: v.exactOptional(text),
    resources: v.exactOptional(v.picklist(['recordSets', 'containerGroups'])),
    reads: v.exactOptional(v.picklist(['get', 'list'])),
  }),
  v.variant('kind', [
    v.object({ kind: v.literal('lag'), ms: v.number() }),
    v.object({ kind: v.picklist(['beforeLastWrite', 'frozen']) }),
  ]),
]);

async function addStaleRead(context: Context, { staleReads }: ControlParts): Promise<Response> {
  staleReads.add(await readBody(context, staleRead));
  return context.body(null, 204);
}

function listStaleReads(context: Context, { staleReads }: ControlParts): Response {
  return context.json({ value: staleReads.all });
}

function clearStaleReads(context: Context, { staleReads }: ControlParts): Response {
  staleReads.clear();
  return context.body(null, 204);
}
