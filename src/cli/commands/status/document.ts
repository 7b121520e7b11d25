import * as v from 'valibot';
import { shownText } from '../../output/shown-text.ts';

const time = v.nullish(shownText);

const problem = v.looseObject({ code: shownText, message: shownText, since: time });

const finding = v.looseObject({
  finding: shownText,
  containerGroup: shownText,
  healedAt: time,
});

const replica = v.looseObject({
  region: shownText,
  routed: v.nullish(v.boolean()),
  verdict: shownText,
  commands: v.optional(v.looseObject({ off: v.optional(shownText), on: v.optional(shownText) }), {}),
});

/** What `GET /api/status` answers with, as far as it is used here; additions are kept for `--json`. */
const documentSchema = v.looseObject({
  version: shownText,
  now: shownText,
  even: v.boolean(),
  problems: v.array(problem),
  dns: v.looseObject({
    spokes: v.array(
      v.looseObject({ key: shownText, groups: v.number(), recordSets: v.number(), findings: v.number() }),
    ),
    audit: v.nullish(
      v.looseObject({ finishedAt: shownText, complete: v.boolean(), findings: v.array(finding) }),
    ),
    repairs: v.object({ event: v.number(), audit: v.number() }),
  }),
  images: v.looseObject({
    open: v.array(v.looseObject({ state: shownText })),
    total: v.optional(v.number()),
  }),
  registries: v.array(
    v.looseObject({ registry: shownText, reviewedAt: time, mode: time, replicas: v.array(replica) }),
  ),
  signals: v.looseObject({ unpublished: v.number(), lastPublishedAt: time }),
});
export type StatusAnswer = v.InferOutput<typeof documentSchema>;

/** @returns `undefined` for what is no status document. */
export function readStatus(body: unknown): StatusAnswer | undefined {
  const parsed = v.safeParse(documentSchema, body);
  return parsed.success ? parsed.output : undefined;
}
