import type { HttpHandler } from '@azure/functions';
import { appErrors, type Config, scheduleErrors } from '../config.ts';
import type { AuditReport } from '../dns/audit/report.ts';
import { parseContainerGroupId } from '../dns/container-group.ts';
import type { DnsPolicy } from '../dns/policy.ts';
import { policyFor } from '../dns/zone-map.ts';
import { jsonResponse } from '../http/compression.ts';
import { errorResponse } from '../http/refusal.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { type Log, lineLog } from '../lib/log.ts';
import type { LoginServers } from '../registries/login-servers.ts';
import type { Registry } from '../registries/registry.ts';
import { type CopyReport, noCopyReport } from '../replication/copy-time-report.ts';
import type { OpenList } from '../replication/open-images.ts';
import { type ReviewStateReader, stateKey } from '../routing/ports.ts';
import { type RegistryStatus, registryStatus } from '../routing/status-view.ts';
import { isReviewed } from '../routing/stored-state.ts';
import { clouds } from '../settings/cloud.ts';
import { settingValue } from '../settings/setting.ts';
import { statusDocument } from '../status/document.ts';
import type { Journal } from '../status/journal.ts';
import type { Part } from '../status/parts.ts';
import type { StatusDocument } from '../status/schema.ts';

/** Each part is read on its own, so that a failure of one does not hide the others. */
export interface StatusPorts {
  readonly version: string;
  readonly now: () => Date;
  readonly audit: (deadline: Deadline) => Promise<AuditReport | undefined>;
  readonly images: (deadline: Deadline) => Promise<OpenList | undefined>;
  readonly copyTimes: (registries: readonly Registry[], now: Date, deadline: Deadline) => Promise<CopyReport>;
  readonly loginServers: Pick<LoginServers, 'current'>;
  readonly reviewStates: () => Promise<ReviewStateReader>;
  readonly journal: (deadline: Deadline) => Promise<Journal | undefined>;
}

const statusMs = 15_000;

/** Answers with one document that shows everything evenkeel knows. */
export function getStatus(config: Config, ports: StatusPorts): HttpHandler {
  return async ({ headers }, context) => {
    const log = lineLog(context);
    try {
      const document = await readStatus(config, ports, log);
      log.info('status answered', { even: document.even, problems: document.problems.length });
      return await jsonResponse(document, headers);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      log.error('status failed', { reason: name, detail: message });
      return errorResponse(503, 'notAnswered', 'the status cannot be read now', 5);
    }
  };
}

/** Reads the parts of the status within {@link statusMs}. A part that cannot be read is named in the document. */
export async function readStatus(config: Config, ports: StatusPorts, log: Log): Promise<StatusDocument> {
  const schedules = await import('../settings/schedule.ts');
  const { zoneMap, registries, signalTopic, auditSchedule, reviewSchedule } = config;
  const now = ports.now();
  const deadline = deadlineIn(statusMs);
  const entries = () => settingValue(registries).all;
  const [audit, images, copyTimes, reviews, journal] = await Promise.all([
    part('audit', () => ports.audit(deadline), log),
    part('images', async () => (entries().length === 0 ? undefined : ports.images(deadline)), log),
    part(
      'copyTimes',
      async () => (entries().length === 0 ? noCopyReport : ports.copyTimes(entries(), now, deadline)),
      log,
    ),
    part('reviews', async () => readReviews(entries(), ports, deadline), log),
    part('journal', () => ports.journal(deadline), log),
  ]);
  // A bad schedule is a problem of its own. The host never runs its timer, so nothing is overdue.
  const intervalMs = ({ name, text }: Config['auditSchedule']): number =>
    schedules.scheduleError(name, text) === undefined ? schedules.scheduleIntervalMs(name, text, now) : 0;
  return statusDocument({
    version: ports.version,
    now,
    portal: config.cloud.ok ? config.cloud.value.portal : clouds.AzurePublicCloud.portal,
    auditIntervalMs: intervalMs(auditSchedule),
    reviewIntervalMs: intervalMs(reviewSchedule),
    nextSweepAt: schedules.nextRun(auditSchedule.text, now),
    policyOf: (containerGroup) => policyOf(containerGroup, config),
    settingErrors: [...appErrors(config), ...(await scheduleErrors(config))].map(({ message }) => message),
    spokes: zoneMap.ok ? zoneMap.value.places.map(({ key }) => key) : [],
    registries: registries.ok ? registries.value.all : [],
    audit,
    images,
    copyTimes,
    reviews,
    journal,
    hasTopic: signalTopic.ok && signalTopic.value !== undefined,
  });
}

/** `sync` where a setting that says more is bad: that is a problem of its own. */
function policyOf(containerGroup: string, { zoneMap, dnsPolicy }: Config): DnsPolicy {
  const setting = dnsPolicy.ok ? dnsPolicy.value : 'sync';
  const group = parseContainerGroupId(containerGroup);
  return group !== undefined && zoneMap.ok ? policyFor(zoneMap.value, group, setting) : setting;
}

async function readReviews(
  registries: readonly Registry[],
  { reviewStates, loginServers }: StatusPorts,
  deadline: Deadline,
): Promise<RegistryStatus[]> {
  if (registries.length === 0) return [];
  const named = await Promise.all(
    registries.map(async (registry) => {
      const loginServer = await loginServers.current(registry, deadline);
      return { registry, loginServer, key: stateKey(registry, loginServer) };
    }),
  );
  const keys = named.map(({ key }) => key);
  const states = await (await reviewStates()).readAll(keys, deadline);
  return named.flatMap(({ registry, loginServer, key }) => {
    const state = states.get(key);
    return state === undefined || !isReviewed(state) ? [] : [registryStatus(registry, loginServer, state)];
  });
}

/** Reads a part. The document names only the class of an error: more people read it than the log. */
async function part<T>(name: string, read: () => Promise<T>, log: Log): Promise<Part<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    const { name: reason, message } = error instanceof Error ? error : new Error(String(error));
    log.error('status incomplete', { part: name, reason, detail: message });
    return { failure: reason };
  }
}
