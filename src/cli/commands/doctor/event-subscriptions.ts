import pLimit from 'p-limit';
import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { type AppIdentity, isOnThisApp, isThisApp } from './app-identity.ts';
import { type EventFilter, filterSchema } from './event-filter.ts';

/** An event subscription of Event Grid. */
export interface EventSubscription {
  readonly id: string;
  readonly name: string;
  /** ARM id of the resource that the events are about, in lower case. */
  readonly source: string;
  /** The function of this app that gets the events; `undefined` when they go elsewhere. */
  readonly functionName: string | undefined;
  readonly filter: EventFilter;
  readonly hasDeadLetters: boolean;
  /** `Succeeded` for a working subscription. */
  readonly provisioningState: string;
}

const apiVersion = '2025-02-15';
/** Lists that are read at the same time. A large subscription has very many system topics. */
const concurrency = 6;

const deadLetterSchema = v.nullish(v.looseObject({}));
const subscriptionSchema = v.object({
  id: v.string(),
  name: v.string(),
  properties: v.object({
    /** The resource that the events are about; for subscriptions of a topic, the topic. */
    topic: v.nullish(v.string(), ''),
    provisioningState: v.nullish(v.string(), 'Succeeded'),
    destination: v.nullish(v.object({ endpointType: v.string(), properties: v.nullish(v.looseObject({})) })),
    deliveryWithResourceIdentity: v.nullish(
      v.object({
        destination: v.object({ endpointType: v.string(), properties: v.nullish(v.looseObject({})) }),
      }),
    ),
    filter: v.nullish(filterSchema, {}),
    deadLetterDestination: deadLetterSchema,
    deadLetterWithResourceIdentity: deadLetterSchema,
  }),
});
const systemTopicSchema = v.object({ id: v.string(), properties: v.object({ source: v.string() }) });
const fullUrlSchema = v.object({ endpointUrl: v.string() });

/**
 * Lists the event subscriptions for events of some resources: those at a resource itself, those of its system topics,
 * and those of a custom topic.
 * @param sources ARM ids.
 */
export async function listEventSubscriptions(
  sources: readonly string[],
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<readonly EventSubscription[]> {
  const unique = new Map(sources.map((source) => [source.toLowerCase(), source]));
  const lists = [...unique.values()].flatMap((source) =>
    listPathsOf(source).map((path) => ({ source, path })),
  );
  for (const { id, source } of await listSystemTopics([...unique.keys()], arm, deadline)) {
    if (unique.has(source.toLowerCase())) lists.push({ source, path: `${id}/eventSubscriptions` });
  }
  return readLists(lists, app, arm, deadline);
}

/**
 * Lists the event subscriptions of one Azure subscription that deliver to this app, whatever they are about: those of
 * its system topics, and those at the subscription and its resource groups.
 * @param id ARM id of the Azure subscription.
 */
export async function listEventSubscriptionsIn(
  id: string,
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<readonly EventSubscription[]> {
  const topics = await listSystemTopics([id], arm, deadline);
  const lists = [
    { source: id, path: `${id}/providers/Microsoft.EventGrid/eventSubscriptions` },
    ...topics.map((topic) => ({ source: topic.source, path: `${topic.id}/eventSubscriptions` })),
  ];
  const all = await readLists(lists, app, arm, deadline);
  return all.filter(({ functionName }) => functionName !== undefined);
}

async function readLists(
  lists: readonly { readonly source: string; readonly path: string }[],
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<readonly EventSubscription[]> {
  const limit = pLimit(concurrency);
  const found = await Promise.all(
    lists.map(({ source, path }) =>
      limit(async () => {
        const values = await arm.list(path, apiVersion, deadline);
        return Promise.all(values.map((value) => parseSubscription(value, source, app, arm, deadline)));
      }),
    ),
  );
  const all = found.flat().flatMap((subscription) => subscription ?? []);
  return [...new Map(all.map((one) => [`${one.source} ${one.name}`.toLowerCase(), one])).values()];
}

/** The subscriptions of a custom topic are either resources of their own or extensions of the topic. */
function listPathsOf(source: string): string[] {
  const extension = `${source}/providers/Microsoft.EventGrid/eventSubscriptions`;
  const isTopic = /\/providers\/Microsoft\.EventGrid\/topics\/[^/]+$/i.test(source);
  return isTopic ? [`${source}/eventSubscriptions`, extension] : [extension];
}

/** The system topics in the Azure subscriptions of the sources. */
async function listSystemTopics(
  sources: readonly string[],
  arm: ArmReader,
  deadline: Deadline,
): Promise<{ readonly id: string; readonly source: string }[]> {
  const subscriptions = new Set(sources.map((source) => source.split('/').slice(0, 3).join('/')));
  const lists = await Promise.all(
    [...subscriptions].map((id) =>
      arm.list(`${id}/providers/Microsoft.EventGrid/systemTopics`, apiVersion, deadline),
    ),
  );
  return lists.flat().flatMap((value) => {
    const topic = v.safeParse(systemTopicSchema, value);
    return topic.success ? [{ id: topic.output.id, source: topic.output.properties.source }] : [];
  });
}

/** A list of an Azure subscription also contains the event subscriptions of its resource groups. */
const groupPattern = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?$/i;

async function parseSubscription(
  value: unknown,
  source: string,
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<EventSubscription | undefined> {
  const parsed = v.safeParse(subscriptionSchema, value);
  if (!parsed.success) return undefined;
  const { id, name, properties } = parsed.output;
  const destination = properties.destination ?? properties.deliveryWithResourceIdentity?.destination;
  return {
    id,
    name,
    filter: properties.filter,
    source: (groupPattern.test(properties.topic) ? properties.topic : source).toLowerCase(),
    functionName: await functionOf(id, destination?.properties ?? {}, app, arm, deadline),
    hasDeadLetters: (properties.deadLetterDestination ?? properties.deadLetterWithResourceIdentity) != null,
    provisioningState: properties.provisioningState,
  };
}

/**
 * The function of this app that a destination names, by its ARM id or by the URL of the app's endpoint. The query of
 * that URL has to be read separately.
 */
async function functionOf(
  id: string,
  { resourceId, endpointBaseUrl }: Readonly<Record<string, unknown>>,
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<string | undefined> {
  if (typeof resourceId === 'string') {
    const [, site, name] = /^(.*\/sites\/[^/]+)\/functions\/([^/]+)$/i.exec(resourceId) ?? [];
    return site !== undefined && isThisApp(site, app) ? name : undefined;
  }
  if (typeof endpointBaseUrl !== 'string' || !isOnThisApp(endpointBaseUrl, app)) return undefined;
  const full = v.safeParse(fullUrlSchema, await arm.post(`${id}/getFullUrl`, apiVersion, deadline));
  if (!full.success) return undefined;
  const query = [...new URL(full.output.endpointUrl).searchParams];
  return query.find(([name]) => name.toLowerCase() === 'functionname')?.[1];
}
