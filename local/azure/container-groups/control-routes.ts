import type { Context } from 'hono';
import * as v from 'valibot';
import { type ControlParts, type ControlRoute, readBody } from '../control-route.ts';
import { addressViews, groupStates, provisioningStates } from './container-group.ts';

/** What container groups add to the control surface. */
export const containerGroupRoutes: readonly ControlRoute[] = [
  ['POST', 'container-groups', createGroup],
  ['GET', 'container-groups', listGroups],
  ['POST', 'move', moveGroup],
  ['POST', 'swap', swapGroups],
  ['POST', 'condition', changeGroup],
  ['POST', 'finish', finishGroup],
  ['POST', 'tags', tagGroup],
];

const text = v.pipe(v.string(), v.minLength(1));
const named = v.object({ resourceGroup: v.string(), name: v.string() });
const target = v.union([v.object({ id: v.string() }), named]);
const ip = v.pipe(v.string(), v.ipv4());
const address = v.optional(ip);
const tags = v.record(v.string(), v.string());
const creation = v.intersect([
  named,
  v.object({
    address,
    subscriptionId: v.exactOptional(text),
    location: v.exactOptional(text),
    tags: v.exactOptional(tags),
    image: v.exactOptional(text),
    type: v.exactOptional(v.picklist(['Private', 'Public', 'None'])),
    subnetId: v.exactOptional(text),
    networkProfileId: v.exactOptional(text),
  }),
]);
const placed = v.intersect([target, v.object({ address })]);
const condition = v.object({
  state: v.exactOptional(v.picklist(groupStates)),
  provisioningState: v.exactOptional(v.picklist(provisioningStates)),
  addressView: v.exactOptional(v.picklist(addressViews)),
  /** Null takes the address away. */
  address: v.exactOptional(
    v.pipe(
      v.nullable(ip),
      v.transform((given) => given ?? undefined),
    ),
  ),
});
const end = v.object({
  state: v.picklist(['Succeeded', 'Failed']),
  exitCode: v.exactOptional(v.pipe(v.number(), v.integer())),
  keepsAddress: v.exactOptional(v.boolean()),
});

async function createGroup(context: Context, { containerGroups }: ControlParts): Promise<Response> {
  const id = containerGroups.create(await readBody(context, creation));
  return context.json({ id, address: containerGroups.address(id) }, 201);
}

function listGroups(context: Context, { containerGroups }: ControlParts): Response {
  return context.json({ value: containerGroups.list() });
}

async function moveGroup(context: Context, parts: ControlParts): Promise<Response> {
  const wanted = await readBody(context, placed);
  const id = idOf(wanted, parts);
  return context.json({ id, address: parts.containerGroups.move(id, wanted.address) });
}

async function swapGroups(context: Context, parts: ControlParts): Promise<Response> {
  const { containerGroups } = parts;
  const [first, second] = await readBody(context, v.tuple([target, target]));
  const ids = [idOf(first, parts), idOf(second, parts)] as const;
  containerGroups.swap(...ids);
  return context.json({ value: ids.map((id) => ({ id, address: containerGroups.address(id) })) });
}

async function changeGroup(context: Context, parts: ControlParts): Promise<Response> {
  const body = await readBody(context, v.looseObject({}));
  const id = idOf(v.parse(target, body), parts);
  parts.containerGroups.set(id, v.parse(condition, body));
  return context.json(parts.containerGroups.get(id));
}

async function finishGroup(context: Context, parts: ControlParts): Promise<Response> {
  const wanted = await readBody(context, v.intersect([target, end]));
  const id = idOf(wanted, parts);
  parts.containerGroups.finish(id, wanted);
  return context.json(parts.containerGroups.get(id));
}

async function tagGroup(context: Context, parts: ControlParts): Promise<Response> {
  const wanted = await readBody(context, v.intersect([target, v.object({ tags })]));
  const id = idOf(wanted, parts);
  parts.containerGroups.tag(id, wanted.tags);
  return context.json(parts.containerGroups.get(id));
}

const idOf = (group: v.InferOutput<typeof target>, { containerGroups }: ControlParts): string =>
  'id' in group ? group.id : containerGroups.id(group.resourceGroup, group.name);
