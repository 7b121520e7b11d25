import * as v from 'valibot';
import { parseJson } from '../../../lib/json.ts';
import { accessAdvice } from '../../app-client.ts';
import { shownText } from '../../output/shown-text.ts';

const regionSchema = v.looseObject({
  region: shownText,
  /** `available`, `waiting`, `unverified`, `present`, `gone`, or a state of a later version. */
  state: shownText,
  evidence: v.nullish(shownText),
  /** Why the region could not be asked. */
  reason: v.nullish(shownText),
  /** The digest that the tag resolves to in this region, where the app says. */
  digest: v.nullish(shownText),
  /** What the region answered about the config and the layers. */
  pullable: v.nullish(
    v.looseObject({ checked: v.number(), missing: v.array(shownText), reason: v.nullish(shownText) }),
  ),
});

/** The part of `GET /api/replication` that is used here; later additions are kept for `--json`. */
const replicationSchema = v.looseObject({
  state: v.picklist(['pending', 'replicated', 'stalled', 'superseded', 'deleted', 'gone']),
  digest: v.nullish(shownText),
  regions: v.array(regionSchema),
  /** Replicas that the app does not wait for. */
  leftOut: v.nullish(v.array(v.looseObject({ region: shownText, reason: shownText }))),
  /** By region, the other digest that the tag resolves to there. */
  diverged: v.nullish(v.record(v.string(), shownText)),
  /** The images of a multi-platform index. */
  closure: v.nullish(
    v.looseObject({
      children: v.array(v.looseObject({ digest: shownText, available: v.array(shownText) })),
    }),
  ),
  /** What brings the image to the regions that lack it. */
  repairs: v.nullish(v.array(v.looseObject({ region: shownText, commands: v.array(shownText) }))),
  etaMs: v.nullish(v.number()),
  supersededBy: v.nullish(shownText),
  stalledAt: v.nullish(shownText),
});
export type Replication = v.InferOutput<typeof replicationSchema>;
export type RegionState = Replication['regions'][number];

/** The app's answer to the question whether an image is everywhere, or why there was none. */
export type Answer =
  /** 200: everywhere, or gone from everywhere. 202: not yet. */
  | {
      readonly kind: 'everywhere' | 'notYet';
      readonly image: Replication;
      readonly retryAfterMs: number | undefined;
    }
  /** 409: superseded, or regions resolve the tag to other digests. 410: deleted. */
  | { readonly kind: 'elsewhere' | 'deleted'; readonly image: Replication | undefined }
  | { readonly kind: 'unseen'; readonly retryAfterMs: number | undefined }
  /** Asking again cannot help; the reason says what would. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs: number | undefined };

/** @param retryAfter the value of the header `Retry-After`. */
export function readAnswer(status: number, text: string, retryAfter: string | null): Answer {
  const body = parseJson(text);
  const retryAfterMs = parseRetryAfter(retryAfter);
  const parsed = v.safeParse(replicationSchema, body);
  const image = parsed.success ? parsed.output : undefined;
  const failure = failureIn(body);
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

  const access = accessAdvice(status);
  if (access !== undefined) return refused(access);
  switch (status) {
    case 200:
    case 202:
      if (image === undefined) return refused('this is no answer of evenkeel; is this its base URL?');
      return { kind: status === 200 ? 'everywhere' : 'notYet', image, retryAfterMs };
    case 404:
      if (failure?.code === 'registryNotConfigured') {
        return refused("add the registry to the app's setting REGISTRIES");
      }
      // Azure itself answers with a page for an app that does not exist or is being replaced.
      if (body === undefined && text.trim() !== '')
        return unavailable('404 with a page that is not evenkeel');
      return { kind: 'unseen', retryAfterMs };
    case 409:
      return { kind: 'elsewhere', image };
    case 410:
      return { kind: 'deleted', image };
  }
  if (status >= 500 || status === 408 || status === 429) return unavailable(shown);
  return refused(status < 400 ? "give the app's own base URL" : 'correct the command');
}

const failureSchema = v.object({ error: v.object({ code: v.optional(shownText, ''), message: shownText }) });

function failureIn(body: unknown): { code: string; message: string } | undefined {
  const parsed = v.safeParse(failureSchema, body);
  return parsed.success ? parsed.output.error : undefined;
}

/** The app sends whole seconds; a date counts as no answer. */
const parseRetryAfter = (header: string | null): number | undefined =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
