import * as v from 'valibot';
import { azureClients } from '../../../azure/clients.ts';
import type { Config } from '../../../config.ts';
import { once } from '../../../lib/async.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import type { Endpoint } from '../../../settings/endpoint.ts';
import { type Environment, settingValue } from '../../../settings/setting.ts';
import { askApp } from '../../app-call.ts';
import type { CliContext } from '../../context.ts';
import { readStatus } from '../status/document.ts';
import { findPlaces } from './places.ts';
import type { ArmReader } from './ports.ts';
import type { CheckContext, StatusReading } from './visit.ts';

type Access = ReturnType<typeof azureClients>;

/** Joins what checks read from. Each part is made, and its SDK loaded, when a check first asks for it. */
export function createCheckContext(
  config: Config,
  settings: Environment,
  known: Pick<CheckContext, 'app' | 'principal'>,
  deadline: Deadline,
  context: CliContext,
): CheckContext {
  const { now } = context.clock;
  const access = azureClients(config);
  const arm = once(async () => {
    const [{ armReader }, connection] = await Promise.all([
      import('../../../azure/arm/resources.ts'),
      access.arm(),
    ]);
    return armReader(connection);
  });
  const places = once(async () => {
    const [{ subscriptionLister }, connection] = await Promise.all([
      import('../../../azure/arm/subscriptions.ts'),
      access.arm(),
    ]);
    return findPlaces(config, subscriptionLister(connection), await arm(), deadline);
  });
  const topicAccess = async (topic: Endpoint) => (topic.isInsecure ? undefined : await access.credential());
  return {
    ...{ config, settings, ...known, deadline, now, arm, places },
    interrupted: context.interrupted,
    status: once(() => readStatusOf(known.app, context)),
    signalTopicId: once(async () => {
      const topic = settingValue(config.signalTopic);
      if (topic === undefined) return undefined;
      const { subscriptions } = config.zoneMap.ok ? await places() : { subscriptions: [] };
      const own = known.app.appId?.split('/')[2]?.toLowerCase();
      const registries = config.registries.ok ? config.registries.value.all : [];
      const all = [...subscriptions, ...registries.map(({ subscriptionId }) => subscriptionId.toLowerCase())];
      return findTopic(
        topic.url,
        [...new Set([...all, ...(own === undefined ? [] : [own])])],
        await arm(),
        deadline,
      );
    }),
    registries: async () => (await access.registries()).reader,
    prober: once(() => proberOf(access, now)),
    storageConnectivity: async (...at) => {
      const { storageConnectivity } = await import('../../../azure/connectivity.ts');
      return storageConnectivity(access.credential)(...at);
    },
    topicConnectivity: async (topic) => {
      const { topicConnectivity } = await import('../../../azure/connectivity.ts');
      return topicConnectivity(topic, await topicAccess(topic));
    },
    eventPath: async () => {
      const topic = settingValue(config.signalTopic);
      if (topic === undefined) throw new Error('there is no topic for signals');
      const [{ reader, writer }, { signalTopic }] = await Promise.all([
        access.recordSets(),
        import('../../../azure/event-grid.ts'),
      ]);
      const signals = signalTopic(topic, await topicAccess(topic));
      return { recordSets: { ...reader, ...writer }, signals, sleep: context.clock.sleep };
    },
  };
}

async function readStatusOf(app: CheckContext['app'], context: CliContext): Promise<StatusReading> {
  const askedAt = context.clock.now();
  try {
    const status = readStatus(await askApp(context, app, '/api/status'));
    if (status !== undefined) return { kind: 'answered', status, askedAt, answeredAt: context.clock.now() };
    return { kind: 'failed', reason: 'it answered something that is no status' };
  } catch (error) {
    context.interrupted.throwIfAborted();
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function proberOf(access: Access, now: () => Date) {
  const { regionalEndpoints } = await import('../../../azure/registry-endpoint/endpoint.ts');
  const { reader } = await access.registries();
  return regionalEndpoints({
    loginServerOf: async (registry, deadline) =>
      (await reader.read(registry, deadline).catch(() => undefined))?.loginServer,
    credential: access.credential,
    now,
  });
}

const topicSchema = v.object({ id: v.string(), properties: v.object({ endpoint: v.string() }) });

async function findTopic(
  url: string,
  subscriptions: readonly string[],
  arm: ArmReader,
  deadline: Deadline,
): Promise<string | undefined> {
  const lists = await Promise.all(
    subscriptions.map((id) =>
      arm.list(`/subscriptions/${id}/providers/Microsoft.EventGrid/topics`, '2025-02-15', deadline),
    ),
  );
  for (const value of lists.flat()) {
    const topic = v.safeParse(topicSchema, value);
    if (topic.success && normal(topic.output.properties.endpoint) === normal(url)) return topic.output.id;
  }
  return undefined;
}

const normal = (url: string): string => url.toLowerCase().replace(/\/$/, '');
