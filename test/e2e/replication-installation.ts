import * as v from 'valibot';
import type { LocalAzureOptions } from '../../local/azure/local-azure.ts';
import { sampleRegistry, sampleWebhookSecret } from '../../local/azure/sample.ts';
import { nowhere } from '../support/unresolvable-host.ts';
import { type Installation, install, never, type Settings } from './installation.ts';
import { leaksIn } from './leaks.ts';
import { type Told, webhookBody } from './registry-notifications.ts';
import { type StorageProxy, startStorageProxy } from './storage-proxy.ts';

export const registry = sampleRegistry.name;
export const repository = 'team/app';
/** In the order in which answers name them. */
export const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

type Parameters = Readonly<Record<string, string>>;

interface Webhook extends Told {
  readonly region: string;
}

export interface ReplicationInstallation extends Installation {
  /** What the app takes for table storage. */
  readonly tables: StorageProxy;
  /** Sends a native webhook. @param via base URL of the host; that of the installation by default. */
  send(told: Webhook, via?: string): Promise<Answer>;
  /** Sends a native webhook and returns its answer's status. */
  tell(told: Webhook, via?: string): Promise<number>;
  /** Sends a native webhook for each region, all at once; every one has to be accepted. */
  tellAll(told: Told, where?: readonly string[]): Promise<void>;
  /** Asks whether an image is everywhere. */
  ask(reference: string, parameters?: Parameters, via?: string): Promise<Answer>;
  /** Asks, and returns when the app has begun to deal with the question. */
  askAndWait(reference: string, parameters?: Parameters): Promise<{ readonly answer: Promise<Answer> }>;
  /** Runs the review once, to its end. @param via base URL of the host, as for `send`. */
  review(via?: string): Promise<void>;
  /** What was published of a type, in order. */
  signals(type: string): { readonly id: string; readonly subject: string }[];
  /** The different ids under which something was published. */
  signalIds(type: string, subject: string): string[];
}

interface Options {
  readonly azure?: LocalAzureOptions;
  /** On top of each registry's id and endpoints. */
  readonly entry?: (name: string) => Readonly<Record<string, unknown>>;
  /** On top of the usual ones. */
  readonly settings?: Settings;
  /** A region in which a test adds a replica later. It has no endpoint, and its usual name is not asked for in DNS. */
  readonly regionToCome?: string;
  /** The registries to which that region comes. */
  readonly growing?: readonly string[];
}

/** The built app with one registry in four regions, or those of `azure`; its timers are fired by hand. */
export async function installReplication({
  azure,
  entry = () => ({}),
  settings,
  regionToCome,
  growing = [registry],
}: Options = {}): Promise<ReplicationInstallation> {
  const endpointsToCome = regionToCome === undefined ? {} : { [regionToCome]: nowhere };
  const tables = await startStorageProxy('Table');
  const installation = await install({
    azure: { ...azure, storage: {} },
    settings: ({ registries, storage }) => ({
      REGISTRIES: JSON.stringify(
        registries.setting().map((one) => {
          const name = one.id.split('/').at(-1) ?? '';
          const more = growing.includes(name) ? endpointsToCome : {};
          return { ...one, endpoints: { ...more, ...one.endpoints }, ...entry(name) };
        }),
      ),
      REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
      STATE: tables.inFrontOf(storage?.connectionString ?? ''),
      REVIEW_SCHEDULE: never,
      AUDIT_SCHEDULE: never,
      ...settings,
    }),
  }).catch(async (error: unknown) => {
    await tables.close();
    throw error;
  });
  const { lines } = installation;
  const signals: ReplicationInstallation['signals'] = (type) =>
    installation.azure
      .topic('evenkeel')
      .events.filter((event) => event['type'] === type)
      .map(({ id, subject }) => ({ id: String(id), subject: String(subject) }));
  const send: ReplicationInstallation['send'] = async (told, via = installation.host.url) => {
    const query = new URLSearchParams({ region: told.region, registry: told.registry ?? registry });
    const headers = { 'content-type': 'application/json', 'x-evenkeel-secret': sampleWebhookSecret };
    const body = JSON.stringify(webhookBody(told));
    return answerOf(await fetch(`${via}/api/registry-webhook?${query}`, { method: 'POST', headers, body }));
  };
  const ask: ReplicationInstallation['ask'] = async (reference, parameters, via = installation.host.url) => {
    const query = new URLSearchParams({ registry, repository, reference, ...parameters });
    return answerOf(await fetch(`${via}/api/replication?${query}`));
  };
  return {
    ...installation,
    get host() {
      return installation.host;
    },
    tables,
    signals,
    send,
    ask,
    tell: async (told, via) => (await send(told, via)).status,
    async tellAll(told, where = regions) {
      const answers = await Promise.all(where.map((region) => send({ ...told, region })));
      const refused = answers.find(({ status }) => status !== 200);
      if (refused !== undefined) throw new Error(`a webhook was answered ${JSON.stringify(refused)}`);
    },
    async askAndWait(reference, parameters) {
      const from = lines.length;
      const answer = ask(reference, parameters);
      await installation.line("Executing 'Functions.getReplication'", from);
      return { answer };
    },
    async review(via = installation.host.url) {
      const from = lines.length;
      const answer = await fetch(`${via}/admin/functions/reviewReplicas`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      if (answer.status !== 202) throw new Error(`the host answered ${answer.status}`);
      const ended = await installation.line("Executed 'Functions.reviewReplicas'", from);
      if (ended.includes('(Failed,')) throw new Error('the review failed');
    },
    signalIds: (type, subject) => [
      ...new Set(signals(type).flatMap((signal) => (signal.subject === subject ? signal.id : []))),
    ],
    /** @throws when a line of a host told what none may tell. */
    async close() {
      await installation.close();
      await tables.close();
      const leaks = leaksIn(lines);
      if (leaks.length > 0) throw new Error(`these lines tell too much:\n${leaks.join('\n')}`);
    },
  };
}

async function answerOf(answer: Response): Promise<Answer> {
  const body = v.parse(v.record(v.string(), v.unknown()), await answer.json());
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
}
