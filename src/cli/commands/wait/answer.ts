import * as v from 'valibot';
import { parseJson } from '../../../lib/json.ts';
import { shownText } from '../../output/plain-text.ts';

const failureSchema = v.object({ error: v.object({ code: v.optional(shownText, ''), message: shownText }) });

/** What `GET /api/replication` says of an image, as far as it is used here; additions are kept for `--json`. */
const replicationSchema = v.looseObject({
  state: v.picklist(['pending', 'replicated', 'stalled', 'superseded', 'deleted']),
  digest: v.nullish(shownText),
  regions: v.array(
    v.looseObject({
      region: shownText,
      /** `available`, `waiting`, `unverified`, or what a newer app says. */
      state: shownText,
      evidence: v.nullish(shownText),
      /** What the tag resolves to there, where that is told. */
      digest: v.nullish(shownText),
    }),
  ),
  etaMs: v.nullish(v.number()),
  supersededBy: v.nullish(shownText),
  stalledAt: v.nullish(shownText),
});
export type Replication = v.InferOutput<typeof replicationSchema>;
export type RegionState = Replication['regions'][number];

/** One answer to the question whether an image is everywhere, or why there was none. */
export type Answer =
  /** 200: everywhere. 202: not yet. */
  | {
      readonly kind: 'everywhere' | 'notYet';
      readonly image: Replication;
      readonly retryAfterMs: number | undefined;
    }
  /** 409: another digest took its place, or regions resolve the tag elsewhere. 410: deleted. */
  | { readonly kind: 'elsewhere' | 'deleted'; readonly image: Replication | undefined }
  | { readonly kind: 'unseen'; readonly retryAfterMs: number | undefined }
  /** Repeating the question cannot help; the reason says what would. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs: number | undefined };

/** @param retryAfter the header of that name. */
export function readAnswer(status: number, text: string, retryAfter: string | null): Answer {
  const body = parseJson(text);
  const retryAfterMs = parseRetryAfter(retryAfter);
  const parsed = v.safeParse(replicationSchema, body);
  const image = parsed.success ? parsed.output : undefined;
  const failure = failureOf(body);
  const shown = failure?.message ? `${status} (${failure.message})` : `${status}`;
  const refused = (advice: string): Answer => ({
    kind: 'refused',
    reason: `the app answered ${shown}: ${advice}`,
  });
  const unavailable = (detail: string): Answer => ({
    kind: 'unavailable',
    reason: `the app answered ${detail}`,
    retryAfterMs,
  });

  switch (status) {
    case 200:
    case 202:
      if (image === undefined) return refused('that is no answer of evenkeel; is this its base URL?');
      return { kind: status === 200 ? 'everywhere' : 'notYet', image, retryAfterMs };
    case 401:
      return refused('set EVENKEEL_KEY to a valid function key of the app');
    case 403:
      return refused("set EVENKEEL_KEY to a valid function key, and check the app's access restrictions");
    case 404:
      if (failure?.code === 'registryNotConfigured')
        return refused("add the registry to the app's setting REGISTRIES");
      // A page: Azure's own, of an app that does not exist or is just being replaced.
      if (body === undefined && text.trim() !== '')
        return unavailable('404 with a page that is not evenkeel');
      return { kind: 'unseen', retryAfterMs };
    case 409:
      return { kind: 'elsewhere', image };
    case 410:
      return { kind: 'deleted', image };
  }
  if (status >= 500 || status === 408 || status === 429) return unavailable(shown);
  // Redirects are not followed: the key is meant for this app only.
  return refused(status < 400 ? "give the app's own base URL" : 'correct the command');
}

function failureOf(body: unknown): { code: string; message: string } | undefined {
  const parsed = v.safeParse(failureSchema, body);
  return parsed.success ? parsed.output.error : undefined;
}

/** The app sends whole seconds; a date is left to the default. */
const parseRetryAfter = (header: string | null): number | undefined =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
