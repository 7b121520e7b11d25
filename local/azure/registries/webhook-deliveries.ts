import type { Clock } from '../clock.ts';
import { reasonOf, send } from '../event-grid/web-hook.ts';
import type { JsonObject } from '../json.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { PendingWork } from './pending-work.ts';
import type { Webhook } from './webhook.ts';

/** How one native webhook went. */
export interface WebhookReport {
  readonly webhook: string;
  readonly region: string;
  /** The body as it was sent. */
  readonly body: JsonObject;
  /** HTTP status of the answer; undefined without one. */
  readonly status: number | undefined;
  /** Why there was no answer. */
  readonly error: string | undefined;
}

/** Sends native webhooks: each once, whatever the receiver answers. */
export class WebhookDeliveries {
  private readonly parts;
  private readonly listeners = new Set<(report: WebhookReport) => void>();

  constructor(parts: {
    readonly clock: Clock;
    readonly lifetime: AbortSignal;
    readonly pending: PendingWork;
    /** Draws delays and duplicates. */
    readonly random: () => number;
    readonly behaviour: () => RegistryBehaviour;
  }) {
    this.parts = parts;
  }

  /** Runs after every webhook that was sent. Returns how to remove it. */
  onSent(listener: (report: WebhookReport) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Sends a body after a delay, and sometimes more than once. */
  add(webhook: Webhook, body: JsonObject): void {
    const { pending, random, behaviour } = this.parts;
    const [least, longest] = behaviour().webhookDelayMs;
    do {
      pending.schedule(least + (longest - least) * random(), () => pending.follow(this.send(webhook, body)));
    } while (random() < behaviour().webhookDuplicateProbability);
  }

  private async send(webhook: Webhook, body: JsonObject): Promise<void> {
    const { clock, lifetime, behaviour } = this.parts;
    const { webhookAnswerMs: answerMs, webhookLeastRealAnswerMs: leastRealMs } = behaviour();
    const { serviceUri: url, customHeaders } = webhook;
    const headers = {
      'User-Agent': 'AzureContainerRegistry/1.0',
      'Content-Type': 'application/json; charset=utf-8',
      ...customHeaders,
    };
    const sent = { url, headers, body: JSON.stringify(body) };
    let status: number | undefined;
    let error: string | undefined;
    try {
      ({ status } = await send(sent, { clock, answerMs, leastRealMs }, lifetime));
    } catch (failure) {
      error = reasonOf(failure);
    }
    if (lifetime.aborted) return;
    for (const listener of this.listeners) {
      listener({ webhook: webhook.name, region: webhook.region, body, status, error });
    }
  }
}
