import * as v from 'valibot';
import type { Deadline } from '../../../lib/deadline.ts';
import { type AppIdentity, isOnThisApp, isThisApp } from './app-identity.ts';
import { type EventFilter, filterSchema } from './event-filter.ts';
import type { ArmReader } from './ports.ts';

/** An event subscription of Event Grid. */
export interface EventSubscription {
  readonly id: string;
  readonly name: string;
  /** ARM id of what the events are about, in lower case. */
  readonly source: string;
  /** Which function of this app gets the events; `undefined` when they go elsewhere. */
  readonly functionName: string | undefined;
  readonly filter: EventFilter;
  readonly hasDeadLetters: boolean;
  /** `Succeeded` where it is in order. */
  readonly provisioningState: string;
}

const apiVersion = '2025-02-15';

const deadLetterSchema = v.nullish(v.looseObject({}));
const subscriptionSchema = v.object({
  id: v.string(),
  name: v.string(),
  properties: v.object({
    /** What the events are about; for those of topics, the topic. */
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
 * The event subscriptions whose events are about any of some sources: those at the source itself and those of its
 * system topics, or of a custom topic.
 * @param sources ARM ids.
 */
export async function listEventSubscriptions(
  sources: readonly string[],
  app: AppIdentity,
  arm: ArmReader,
  deadline: Deadline,
): Promise<readonly EventSubscription[]> {
  const unique = new Map(sources.map((source) => [source.toLowerCase(), source]));
  const lists = [...unique.values()].map((source) => ({ source, lists: listsAt(source) }));
  const inSubscriptions = new Set(
    [...unique.keys()].map((source) => source.split('/').slice(0, 3).join('/')),
  );
  const systemTopics = await Promise.all(
    [...inSubscriptions].map((id) =>
      arm.list(`${id}/providers/Microsoft.EventGrid/systemTopics`, apiVersion, deadline),
    ),
  );
  for (const value of systemTopics.flat()) {
    const topic = v.safeParse(systemTopicSchema, value);
    if (!topic.success) continue;
    const { id, properties } = topic.output;
    if (unique.has(properties.source.toLowerCase()))
      lists.push({ source: properties.source, lists: [`${id}/eventSubscriptions`] });
  }
  const found = await Promise.all(
    lists.flatMap(({ source, lists: paths }) =>
      paths.map(async (path) => {
        const values = await arm.list(path, apiVersion, deadline);
        return Promise.all(values.map((value) => read(value, source, app, arm, deadline)));
      }),
    ),
  );
  const all = found.flat().flatMap((subscription) => subscription ?? []);
  return [...new Map(all.map((one) => [`${one.source} ${one.name}`.toLowerCase(), one])).values()];
}

/** Those of a custom topic may be resources of its own, or extensions of it. */
function listsAt(source: string): string[] {
  const extension = `${source}/providers/Microsoft.EventGrid/eventSubscriptions`;
  const isTopic = /\/providers\/Microsoft\.EventGrid\/topics\/[^/]+$/i.test(source);
  return isTopic ? [`${source}/eventSubscriptions`, extension] : [extension];
}

/** A list at a subscription of Azure shows those of its resource groups, too. */
const groupPattern = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?$/i;

async function read(
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
    ...{ id, name, filter: properties.filter },
    source: (groupPattern.test(properties.topic) ? properties.topic : source).toLowerCase(),
    functionName: await functionOf(id, destination?.properties ?? {}, app, arm, deadline),
    hasDeadLetters: (properties.deadLetterDestination ?? properties.deadLetterWithResourceIdentity) != null,
    provisioningState: properties.provisioningState,
  };
}

/** A destination names a function by its ARM id, or by the URL of the app's endpoint, whose query is shown apart. */
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
  const full = v.safeParse(fullUrlSchema, await arm.ask(`${id}/getFullUrl`, apiVersion, deadline));
  if (!full.success) return undefined;
  const query = [...new URL(full.output.endpointUrl).searchParams];
  return query.find(([name]) => name.toLowerCase() === 'functionname')?.[1];
}
