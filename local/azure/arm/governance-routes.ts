import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';

/** What subscriptions, locks and policies add to the control surface. */
export const governanceRoutes: readonly ControlRoute[] = [
  ['POST', 'subscriptions', setSubscription],
  ['GET', 'subscriptions', listSubscriptions],
  ['POST', 'locks', addLock],
  ['GET', 'locks', listLocks],
  ['DELETE', 'locks', clearLocks],
  ['POST', 'policies', addPolicy],
  ['GET', 'policies', listPolicies],
  ['DELETE', 'policies', clearPolicies],
];

const text = v.pipe(v.string(), v.minLength(1));
const armId = v.pipe(text, v.startsWith('/', 'expected an ARM id'));

const subscription = v.object({
  id: text,
  displayName: v.exactOptional(text),
  state: v.exactOptional(v.picklist(['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted'])),
  isListed: v.exactOptional(v.boolean()),
  isDeleted: v.exactOptional(v.boolean()),
  unregisteredProviders: v.exactOptional(v.array(text)),
  movedToTenant: v.exactOptional(
    v.pipe(
      v.nullable(text),
      v.transform((tenant) => tenant ?? undefined),
    ),
  ),
});
const lock = v.object({ scope: armId, level: v.picklist(['CanNotDelete', 'ReadOnly']) });
const policy = v.object({
  scope: armId,
  name: text,
  definitionName: v.exactOptional(text),
  effect: v.exactOptional(v.picklist(['deny', 'denyAction'])),
});

async function setSubscription(context: Context, { subscriptions }: ControlParts): Promise<Response> {
  const { id, ...condition } = await readBody(context, subscription);
  return context.json(subscriptions.set(id, condition));
}

function listSubscriptions(context: Context, { subscriptions }: ControlParts): Response {
  return context.json({ value: [...subscriptions.all] });
}

async function addLock(context: Context, { locks }: ControlParts): Promise<Response> {
  locks.add(await readBody(context, lock));
  return context.body(null, 204);
}

function listLocks(context: Context, { locks }: ControlParts): Response {
  return context.json({ value: locks.all });
}

function clearLocks(context: Context, { locks }: ControlParts): Response {
  locks.clear();
  return context.body(null, 204);
}

async function addPolicy(context: Context, { policies }: ControlParts): Promise<Response> {
  policies.add(await readBody(context, policy));
  return context.body(null, 204);
}

function listPolicies(context: Context, { policies }: ControlParts): Response {
  return context.json({ value: policies.all });
}

function clearPolicies(context: Context, { policies }: ControlParts): Response {
  policies.clear();
  return context.body(null, 204);
}
