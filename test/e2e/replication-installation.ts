import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { vi } from 'vitest';
import type { LocalAzureOptions } from '../../local/azure/local-azure.ts';
import { sampleRegistry, sampleWebhookSecret } from '../../local/azure/sample.ts';
import { type Installation, install } from './installation.ts';

export const registry = sampleRegistry.name;
export const repository = 'team/app';

/** A digest for a name, so that a test can speak of images by names. */
export const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`;

export interface Told {
  readonly region: string;
  readonly digest: string;
  readonly tag?: string | undefined;
  readonly at?: string;
  readonly action?: 'push' | 'delete';
  readonly repository?: string;
}

/** The body of a native webhook. */
export const webhookBody = ({ digest, tag, at, action = 'push', repository: repo = repository }: Told) => ({
  id: randomUUID(),
  timestamp: at ?? '2026-11-21T08:00:00.123456789Z',
  action,
  target: {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 524,
    digest,
    length: 524,
    repository: repo,
    ...(tag === undefined ? {} : { tag }),
  },
  request: { id: randomUUID(), host: `${registry}.azurecr.io`, method: 'PUT', useragent: 'docker/27' },
});

export interface ReplicationInstallation extends Installation {
  /** Sends a native webhook and returns its answer's status. */
  tell(told: Told): Promise<number>;
  /** Asks whether an image is everywhere. */
  ask(reference: string, parameters?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Runs the review once, to its end. */
  review(): Promise<void>;
  /** What was published of a type, in order. */
  signals(type: string): { readonly id: string; readonly subject: string }[];
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Options {
  readonly azure?: LocalAzureOptions;
  readonly settings?: Readonly<Record<string, string>>;
  /** On top of the registry's id and endpoints. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** The built app with one registry in four regions; its timers are fired by hand. */
export async function installReplication({
  azure,
  settings,
  entry,
}: Options = {}): Promise<ReplicationInstallation> {
  const installation = await install({
    azure: { ...azure, storage: {} },
    settings: ({ registries }) => ({
      REGISTRIES: JSON.stringify(registries.setting().map((one) => ({ ...one, ...entry }))),
      REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
      REVIEW_SCHEDULE: never,
      AUDIT_SCHEDULE: never,
      ...settings,
    }),
  });
  const reviewed = () =>
    installation.lines.filter((line) => line.includes("Executed 'Functions.reviewReplicas'")).length;
  return {
    ...installation,
    get host() {
      return installation.host;
    },
    async tell(told: Told): Promise<number> {
      const url = `${installation.host.url}/api/registry-webhook?region=${told.region}`;
      const headers = { 'content-type': 'application/json', 'x-evenkeel-secret': sampleWebhookSecret };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(webhookBody(told)) });
      await answer.arrayBuffer();
      return answer.status;
    },
    async ask(reference: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
      const query = new URLSearchParams({ registry, repository, reference, ...parameters });
      const answer = await fetch(`${installation.host.url}/api/replication?${query}`);
      const { status, headers } = answer;
      const body = v.parse(v.record(v.string(), v.unknown()), await answer.json());
      return { status, retryAfter: headers.get('retry-after'), body };
    },
    async review(): Promise<void> {
      const before = reviewed();
      const answer = await fetch(`${installation.host.url}/admin/functions/reviewReplicas`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      if (answer.status !== 202) throw new Error(`the host answered ${answer.status}`);
      await vi.waitUntil(() => reviewed() > before, { timeout: 30_000, interval: 5 });
    },
    signals: (type: string) =>
      installation.azure
        .topic('evenkeel')
        .events.filter((event) => event['type'] === type)
        .map(({ id, subject }) => ({ id: String(id), subject: String(subject) })),
  };
}

/** A date that comes in no year. */
const never = '0 0 0 30 2 *';
