import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Config } from '../config.ts';
import { notificationOf, reportFacts } from '../events/image-report.ts';
import { parseRegistryWebhook } from '../events/registry-webhook.ts';
import { ambiguousRegistry } from '../http/ambiguous-registry.ts';
import { errorResponse, RefusedRequestError, refuse, wholeSeconds } from '../http/refusal.ts';
import { readWebhookBody } from '../http/webhook-body.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { StateUnavailableError, ThrottledError } from '../lib/errors.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import type { Found, RegistryFinder } from '../registries/finder.ts';
import type { Registry } from '../registries/registry.ts';
import { parseRegion, type Region } from '../registries/replica.ts';
import type { NotificationPorts } from '../replication/record.ts';
import { settingValue } from '../settings/setting.ts';
import { countNotification } from '../telemetry/metrics.ts';

/** The known facts of a request, for its one log line. */
type Facts = Record<string, unknown>;

const webhookMs = 20_000;
const defaultRetryMs = 30_000;

/** Records what native webhooks report. A registry sends each report once, so a lost one does not come again. */
export function receiveRegistryWebhook(
  config: Pick<Config, 'webhookSecret'>,
  finder: Pick<RegistryFinder, 'ownerOf'>,
  loadPorts: () => Promise<NotificationPorts>,
): HttpHandler {
  return async (request, context) => {
    const log = lineLog(context);
    const facts: Facts = {};
    try {
      return { jsonBody: { result: await receive(request, { config, finder, loadPorts }, facts, log) } };
    } catch (error) {
      if (error instanceof RefusedRequestError) return refuse('registry webhook refused', error, facts, log);
      return failure(error, facts, log);
    }
  };
}

interface Receiver {
  readonly config: Pick<Config, 'webhookSecret'>;
  readonly finder: Pick<RegistryFinder, 'ownerOf'>;
  readonly loadPorts: () => Promise<NotificationPorts>;
}

/** @throws {RefusedRequestError} for the first fault. After any other error, nothing may have been recorded. */
async function receive(
  request: HttpRequest,
  { config, finder, loadPorts }: Receiver,
  facts: Facts,
  log: Log,
): Promise<string> {
  const deadline = deadlineIn(webhookMs);
  const body = await readWebhookBody(request, settingValue(config.webhookSecret));
  const webhook = parseRegistryWebhook(body, new Date());
  if (webhook.kind === 'malformed') throw new RefusedRequestError(400, 'malformedBody', webhook.reason);
  const location = request.query.get('region')?.trim();
  if (!location) {
    throw new RefusedRequestError(400, 'regionMissing', 'the URL names no region: add region= to it');
  }
  const parameter = request.query.get('registry')?.trim() || undefined;
  const { registryHost: host } = webhook;
  const owner = await finder.ownerOf({ host, parameter }, deadline);
  if (owner.kind !== 'found') throw unknownRegistry(owner, host, parameter);
  const { registry, loginServer } = owner;
  Object.assign(facts, { registry: registry.name, loginServer });
  if (webhook.kind === 'notification') Object.assign(facts, reportFacts(webhook.report));
  const ports = await loadPorts();
  const region = await replicaRegion(location, registry, ports, deadline);
  facts['region'] = region;
  if (webhook.kind === 'ignored') {
    log.info('registry webhook ignored', { ...facts, reason: webhook.action });
    return 'ignored';
  }
  const notification = notificationOf(webhook.report, loginServer, region, 'webhook');
  const result = await ports.record(notification, registry, deadline, log);
  countNotification(result);
  log.info('registry webhook recorded', { ...facts, result });
  return result;
}

function unknownRegistry(
  owner: Exclude<Found, { kind: 'found' }>,
  host: string | undefined,
  parameter: string | undefined,
): RefusedRequestError {
  if (owner.kind === 'ambiguous') return ambiguousRegistry(parameter ?? '', owner.choices);
  const name = host ?? parameter;
  const problem = name
    ? `the registry ${JSON.stringify(name.slice(0, 255))} is not an entry of REGISTRIES`
    : 'the body names no registry, and REGISTRIES does not hold exactly one: add registry= to the URL';
  return new RefusedRequestError(404, 'registryNotConfigured', problem);
}

/** Accepts a region that cannot be verified now: the review compares it with the replicas later. */
async function replicaRegion(
  location: string,
  registry: Registry,
  ports: NotificationPorts,
  deadline: Deadline,
): Promise<Region> {
  const region = parseRegion(location);
  if (region !== undefined && (await ports.directory.has(registry, region, deadline)) !== 'no') return region;
  const found = JSON.stringify(location.slice(0, 50));
  throw new RefusedRequestError(
    400,
    'regionUnknown',
    `the registry ${registry.name} has no replica in ${found}`,
  );
}

function failure(error: unknown, facts: Facts, log: Log): HttpResponseInit {
  logFailure('registry webhook', error, facts, log);
  const isTimed = error instanceof StateUnavailableError || error instanceof ThrottledError;
  const seconds = wholeSeconds(isTimed ? error.retryAfterMs : defaultRetryMs);
  // The reason is for the operator, who finds it in the log.
  return errorResponse(503, 'notRecorded', `nothing was recorded; try again in ${seconds} s`, seconds);
}
