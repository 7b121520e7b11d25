import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';
import type { Fault } from './faults.ts';

/** What faults add to the control surface. */
export const faultRoutes: readonly ControlRoute[] = [
  ['POST', 'faults', addFault],
  ['GET', 'faults', listFaults],
  ['DELETE', 'faults', clearFaults],
  ['DELETE', 'faults/:id', removeFault],
];

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const atLeastZero = v.pipe(v.number(), v.minValue(0));

const target = v.pipe(
  v.object({
    /** An operation such as `RecordSets_CreateOrUpdate`. */
    operation: v.exactOptional(text),
    method: v.exactOptional(text),
    path: v.exactOptional(text),
    pathPrefix: v.exactOptional(text),
    page: v.exactOptional(v.union([count, v.literal('following')])),
  }),
  v.check(
    (given) => Object.keys(given).length > 0,
    'expected operation, method, path, pathPrefix or page to say which requests meet the fault',
  ),
);

const effect = v.variant('kind', [
  v.object({ kind: v.literal('latency'), ms: atLeastZero }),
  v.object({
    kind: v.literal('status'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    code: v.exactOptional(v.string()),
    message: v.exactOptional(v.string()),
    shape: v.exactOptional(v.picklist(['nested', 'flat'])),
    body: v.exactOptional(v.unknown()),
    text: v.exactOptional(v.string()),
    retryAfterSeconds: v.exactOptional(v.number()),
    retryAfterDateSeconds: v.exactOptional(v.number()),
    retryAfterMs: v.exactOptional(v.number()),
    headers: v.exactOptional(v.record(v.string(), v.string())),
  }),
  v.object({ kind: v.literal('withoutMembers'), members: v.pipe(v.array(text), v.minLength(1)) }),
  v.object({ kind: v.picklist(['lostAnswer', 'lostRequest', 'hang', 'withheldBody']) }),
]);

const fault = v.intersect([
  target,
  effect,
  v.object({ times: v.exactOptional(count), delayMs: v.exactOptional(atLeastZero) }),
]);

async function addFault(context: Context, { faults }: ControlParts): Promise<Response> {
  const { operation, ...rest } = await readBody(context, fault);
  const { id } = faults.add(operation === undefined ? rest : { ...rest, match: operation });
  return context.json({ id }, 201);
}

function listFaults(context: Context, { faults }: ControlParts): Response {
  return context.json({ value: faults.list().map(({ id, hits, fault }) => ({ id, hits, ...shown(fault) })) });
}

/** A fault of a test may hold an expression or a function, which JSON cannot show. */
function shown({ match, ...rest }: Fault): object {
  if (typeof match === 'string') return { operation: match, ...rest };
  return match === undefined ? rest : { match: String(match), ...rest };
}

function clearFaults(context: Context, { faults }: ControlParts): Response {
  faults.clear();
  return context.body(null, 204);
}

function removeFault(context: Context, { faults }: ControlParts): Response {
  const id = context.req.param('id');
  if (!faults.remove(Number(id))) throw new RangeError(`there is no fault ${id}`);
  return context.body(null, 204);
}
