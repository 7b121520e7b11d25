import * as v from 'valibot';
import type { LogFields } from '../lib/log.ts';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import { isChartTag, isDigest, isRepository, maxRepositoryLength } from '../registries/oci-reference.ts';
import type { Region } from '../registries/replica.ts';
import type { Notification, PushNotification } from '../replication/notification.ts';

/**
 * The report of an image that a native webhook and an Event Grid event have in common. Its registry may not be one that
 * evenkeel watches.
 */
export interface ImageReport {
  readonly action: 'push' | 'delete';
  readonly repository: string;
  readonly digest: string;
  /** `undefined` for a push or deletion by digest. */
  readonly tag: string | undefined;
  /** The registry's time, unless that was none. */
  readonly at: Date;
  /** A time that can be none, in ISO 8601: `at` is another one. */
  readonly impossibleTime: string | undefined;
  readonly sizeBytes: number | undefined;
}

type ParsedImageReport =
  | { readonly kind: 'report'; readonly report: ImageReport }
  | { readonly kind: 'malformed'; readonly reason: string };

const repository = v.pipe(
  v.string(),
  v.maxLength(maxRepositoryLength, `expected ${maxRepositoryLength} characters at most`),
  v.check(isRepository, 'expected the name of a repository such as team/app'),
);
const tag = v.pipe(
  v.string(),
  v.check(
    isChartTag,
    'expected a tag of at most 128 letters, digits, dots, hyphens, underscores and plus signs',
  ),
);
const optionalTag = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (value === null || value === '' ? undefined : value)),
    v.optional(tag),
  ),
);
const digest = v.pipe(v.string(), v.check(isDigest, 'expected a digest such as sha256:…'));
const size = v.fallback(v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), undefined);

/** https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference */
const reportSchema = v.object({
  timestamp: v.optional(v.unknown()),
  target: v.object({ repository, digest, tag: optionalTag, size, length: size }),
});

/**
 * @param body the body of a webhook, or the data of an event.
 * @param elseAt the time to use when the body has none.
 * @param arrivedAt the time to use when each is before the year 2000 or more than a day ahead, which is no time.
 */
export function parseImageReport(
  action: ImageReport['action'],
  body: unknown,
  elseAt: Date | undefined,
  arrivedAt: Date,
): ParsedImageReport {
  const parsed = v.safeParse(reportSchema, body);
  if (!parsed.success)
    return malformed(describeIssues(parsed.issues, { where: dotPath('body'), values: 'hidden' }));
  const { timestamp, target } = parsed.output;
  const told = [parseInstant(timestamp), elseAt].filter((time) => time !== undefined);
  const [first] = told;
  if (first === undefined) return malformed('timestamp: expected a time such as 2026-11-21T12:00:00Z');
  return {
    kind: 'report',
    report: {
      action,
      repository: target.repository,
      digest: target.digest,
      tag: target.tag,
      at: told.find((time) => isPossible(time, arrivedAt)) ?? arrivedAt,
      impossibleTime: isPossible(first, arrivedAt) ? undefined : first.toISOString(),
      sizeBytes: target.size ?? target.length,
    },
  };
}

const firstPossibleMs = Date.UTC(2000, 0);
const dayMs = 24 * 60 * 60 * 1000;

/** Tools write `0001-01-01` and `9999-12-31` for a time that they do not have. Clocks differ by less than a day. */
const isPossible = (time: Date, now: Date): boolean =>
  time.getTime() >= firstPossibleMs && time.getTime() <= now.getTime() + dayMs;

const malformed = (reason: string): ParsedImageReport => ({ kind: 'malformed', reason });

const host = v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.:-]{1,255}$/i))), undefined);
/** Not every report has a `request`. Only its host is read: the rest is about persons. */
const requestSchema = v.object({ request: v.fallback(v.object({ host }), { host: undefined }) });

/** @returns the host that was pushed to, such as `myregistry.azurecr.io`; `undefined` when the body names none. */
export function reportedHost(body: unknown): string | undefined {
  const parsed = v.safeParse(requestSchema, body);
  return parsed.success ? parsed.output.request.host : undefined;
}

/**
 * The notification that a report becomes once its registry is known.
 * @param loginServer that of the registry
 * @param region the region that has the image, or deleted it; `undefined` when the report names none.
 */
export function notificationOf(
  report: ImageReport,
  loginServer: string,
  region: Region | undefined,
  evidence: PushNotification['evidence'],
): Notification {
  const { action, repository, digest, tag, at, sizeBytes } = report;
  const image = { registry: loginServer, repository, digest };
  return action === 'delete'
    ? { kind: 'delete', image, region, at }
    : { kind: 'push', image, tag, region, at, evidence, sizeBytes };
}

/** The facts of a report that log lines carry. */
export const reportFacts = ({ action, repository, tag, digest, impossibleTime }: ImageReport): LogFields => ({
  action,
  repository,
  tag: tag ?? null,
  digest,
  ...(impossibleTime === undefined ? {} : { impossibleTime }),
});

/**
 * The time of an ISO 8601 text, or of a `Date` that the host made from one. A time without a zone is UTC.
 *
 * Registries write 7 to 9 fraction digits. ECMAScript defines the meaning of three only, so the others are cut off.
 * https://tc39.es/ecma262/#sec-date-time-string-format
 *
 * @returns `undefined` for anything else.
 */
export function parseInstant(value: unknown): Date | undefined {
  const date = value instanceof Date ? value : parseText(value);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

const instantPattern = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/i;

function parseText(value: unknown): Date | undefined {
  const [, day, time, fraction = '', zone = 'Z'] = instantPattern.exec(String(value)) ?? [];
  if (day === undefined || time === undefined) return undefined;
  return new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone.toUpperCase()}`);
}
