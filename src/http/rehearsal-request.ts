import type { HttpRequest } from '@azure/functions';
import * as v from 'valibot';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import { parseRegion, type Region } from '../registries/replica.ts';
import { maxRehearsalMs, type RehearsalWish } from '../routing/rehearsal.ts';
import { parseDurationMs } from '../settings/parsers.ts';
import { RefusedRequestError } from './refusal.ts';

/** Texts of people: on one line, and short enough to be stored with every review. */
const words = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check(
      (text) => text.length <= maxLength && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text),
      `expected one line of at most ${maxLength} characters`,
    ),
    v.transform((text) => text || null),
  );
const registrySchema = v.pipe(
  v.string(),
  v.nonEmpty('expected the name, the login server or the ARM id of a registry'),
);
const regionSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const region = parseRegion(value);
    if (region !== undefined) return region;
    addIssue({ message: 'expected a region such as westus' });
    return NEVER;
  }),
);
const forSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms <= maxRehearsalMs) return ms;
    addIssue({ message: 'expected an ISO 8601 duration of at most P7D, such as PT1H' });
    return NEVER;
  }),
);
const bodySchema = v.strictObject({
  registry: registrySchema,
  region: regionSchema,
  for: v.optional(forSchema),
  by: v.nullish(words(100), null),
  reason: v.nullish(words(300), null),
});
const whatIfSchema = v.optional(v.picklist(['true', 'false', '1', '0', '']), 'false');
const endSchema = v.object({ registry: registrySchema, region: regionSchema });

interface RehearsalRequest {
  readonly registry: string;
  readonly region: Region;
  readonly isWhatIf: boolean;
  /** `undefined` for a question that names no time. */
  readonly wish: RehearsalWish | undefined;
}

/**
 * Parses `POST /api/rehearsals`.
 * @throws {RefusedRequestError} 400, which shows no value of the request.
 */
export function parseRehearsalRequest(
  body: unknown,
  { query }: Pick<HttpRequest, 'query'>,
): RehearsalRequest {
  const whatIf = parsed(v.safeParse(whatIfSchema, query.get('whatIf') ?? undefined), 'whatIf');
  const isWhatIf = whatIf !== 'false' && whatIf !== '0';
  const { registry, region, for: forMs, by, reason } = parsed(v.safeParse(bodySchema, body), 'the body');
  if (forMs === undefined && !isWhatIf)
    throw new RefusedRequestError(
      400,
      'badRehearsal',
      'for: expected a duration such as PT1H, found nothing',
    );
  return { registry, region, isWhatIf, wish: forMs === undefined ? undefined : { forMs, by, reason } };
}

/**
 * Parses `DELETE /api/rehearsals`.
 * @throws {RefusedRequestError} 400.
 */
export const parseRehearsalEnd = ({
  query,
}: Pick<HttpRequest, 'query'>): { registry: string; region: Region } =>
  parsed(v.safeParse(endSchema, Object.fromEntries(query)), 'the query');

function parsed<T>(
  result:
    | { readonly success: true; readonly output: T }
    | { readonly success: false; readonly issues: Issues },
  root: string,
): T {
  if (result.success) return result.output;
  const detail = describeIssues(result.issues, { where: dotPath(root), values: 'hidden' });
  throw new RefusedRequestError(400, 'badRehearsal', detail);
}
type Issues = readonly v.BaseIssue<unknown>[];
