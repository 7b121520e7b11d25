import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { app, type HttpResponseInit } from '@azure/functions';
import type { Config } from '../config.ts';
import { configErrors } from '../config.ts';
import type { AuditReport } from '../dns/audit/report.ts';
import { acceptsGzip, type RequestHeaders } from '../http/compression.ts';
import { errorResponse } from '../http/refusal.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { type Log, lineLog } from '../lib/log.ts';
import type { OpenList } from '../replication/open-images.ts';
import type { RegistryStatus } from '../routing/status-view.ts';
import { statusDocument } from '../status/document.ts';
import type { Journal } from '../status/journal.ts';
import type { Part } from '../status/parts.ts';
import type { StatusDocument } from '../status/schema.ts';

/** Each part is read on its own, so that one that cannot be read hides no other. */
interface StatusPorts {
  readonly version: string;
  readonly now: () => Date;
  readonly audit: () => Promise<AuditReport | undefined>;
  readonly images: (deadline: Deadline) => Promise<OpenList | undefined>;
  readonly reviews: () => Promise<readonly RegistryStatus[]>;
  readonly journal: () => Promise<Journal | undefined>;
  readonly auditIntervalMs: number;
  readonly reviewIntervalMs: number;
}

const statusMs = 15_000;

/** One document with all that evenkeel knows. */
export function bindGetStatus(config: Config, loadPorts: () => Promise<StatusPorts>): void {
  app.http('getStatus', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'status',
    handler: async ({ headers }, context) => {
      const log = lineLog(context);
      try {
        const document = await read(config, await loadPorts(), log);
        log.info('status answered', { even: document.even, problems: document.problems.length });
        return await answered(document, headers);
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        log.error('status failed', { reason: name, detail: message });
        const answer = errorResponse(503, 'notAnswered', 'the status cannot be read now');
        return { ...answer, headers: { 'retry-after': '5' } };
      }
    },
  });
}

/** That of a large installation takes megabytes, and the page asks every few seconds. */
const compressedFromLength = 16_384;

async function answered(document: StatusDocument, request: RequestHeaders): Promise<HttpResponseInit> {
  const text = JSON.stringify(document);
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
  };
  if (text.length < compressedFromLength || !acceptsGzip(request)) return { body: text, headers };
  const body = new Uint8Array(await promisify(gzip)(text, { level: 1 }));
  return { body, headers: { ...headers, 'content-encoding': 'gzip' } };
}

async function read(config: Config, ports: StatusPorts, log: Log) {
  const { version, now, auditIntervalMs, reviewIntervalMs } = ports;
  const deadline = deadlineIn(statusMs);
  const [audit, images, reviews, journal] = await Promise.all([
    part('audit', ports.audit(), log),
    part('images', ports.images(deadline), log),
    part('reviews', ports.reviews(), log),
    part('journal', ports.journal(), log),
  ]);
  const { zoneMap, registries, signalTopic } = config;
  const entryErrors = registries.ok ? registries.value.problems : [];
  return statusDocument({
    ...{ version, now: now(), auditIntervalMs, reviewIntervalMs },
    settingErrors: [...new Set([...configErrors(config).map(({ message }) => message), ...entryErrors])],
    spokes: zoneMap.ok ? zoneMap.value.places.map(({ key }) => key) : [],
    registries: registries.ok ? registries.value.all.map(({ name }) => name) : [],
    ...{ audit, images, reviews, journal },
    hasTopic: signalTopic.ok && signalTopic.value !== undefined,
  });
}

/** What went wrong in detail is for the log: the document is for more people. */
async function part<T>(name: string, work: Promise<T>, log: Log): Promise<Part<T>> {
  try {
    return { value: await work };
  } catch (error) {
    const { name: reason, message } = error instanceof Error ? error : new Error(String(error));
    log.error('status incomplete', { part: name, reason, detail: message });
    return { failure: reason };
  }
}
