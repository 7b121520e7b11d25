import * as v from 'valibot';
import { isChartTag, isDigest, isRepository } from '../registries/oci-reference.ts';
import { imageRegionSchema } from '../status/schema.ts';
import { formatDuration } from './format.ts';
import type { Tone } from './tone.ts';

/** @returns the query of `GET /api/replication`; `undefined` for what is not `REGISTRY/REPOSITORY[:TAG|@DIGEST]`. */
export function imageQuery(text: string): URLSearchParams | undefined {
  const match =
    /^(?<registry>[^/\s]+)\/(?<repository>[^:@\s]+)(?::(?<tag>[^@\s]+))?(?:@(?<digest>\S+))?$/.exec(
      text.trim(),
    );
  const { registry, repository, tag, digest } = match?.groups ?? {};
  if (registry === undefined || repository === undefined || !isRepository(repository)) return undefined;
  if ((tag !== undefined && !isChartTag(tag)) || (digest !== undefined && !isDigest(digest)))
    return undefined;
  return new URLSearchParams({ registry, repository, reference: digest ?? tag ?? 'latest' });
}

const orNull = <T extends v.GenericSchema>(item: T) => v.optional(v.nullable(item), null);

/** What of the answer is shown. */
const answerSchema = v.object({
  digest: v.string(),
  state: v.string(),
  firstSeen: orNull(v.string()),
  replicatedAt: orNull(v.string()),
  etaMs: orNull(v.number()),
  regions: v.array(imageRegionSchema),
  supersededBy: orNull(v.string()),
});
type ImageAnswer = v.InferOutput<typeof answerSchema>;

const refusalSchema = v.object({ error: v.object({ message: v.string() }) });

/** What the app knows of an image, in plain words. */
export type LookupResult =
  | { readonly kind: 'image'; readonly tone: Tone; readonly headline: string; readonly image: ImageAnswer }
  | { readonly kind: 'message'; readonly message: string };

/**
 * | status | state        | headline                                  |
 * |--------|--------------|-------------------------------------------|
 * | 200    | `replicated` | In every region                           |
 * | 202    | `pending`    | On its way: in 3 of 4 regions             |
 * | 202    | `stalled`    | Late: in 3 of 4 regions                   |
 * | 409    | `stalled`    | Regions resolve its tag to other digests  |
 * | 409    | `superseded` | Its tag moved on before it was everywhere |
 * | 410    | `deleted`    | Deleted                                   |
 *
 * @returns `undefined` for an answer that is not the app's.
 */
export function lookupResult(status: number, json: unknown): LookupResult | undefined {
  const parsed = v.safeParse(answerSchema, json);
  if (parsed.success) return { kind: 'image', image: parsed.output, ...verdictOf(status, parsed.output) };
  const refusal = v.safeParse(refusalSchema, json);
  if (!refusal.success || status === 401 || status === 403 || status >= 500) return undefined;
  return { kind: 'message', message: refusal.output.error.message };
}

function verdictOf(
  status: number,
  { state, regions, etaMs }: ImageAnswer,
): { readonly tone: Tone; readonly headline: string } {
  const there = regions.filter((region) => region.state === 'available').length;
  const where = `in ${there} of ${regions.length} regions`;
  switch (state) {
    case 'replicated':
      return { tone: 'ok', headline: 'In every region' };
    case 'pending': {
      const rest = etaMs === null ? '' : `, about ${formatDuration(etaMs)} to go`;
      return { tone: 'progress', headline: `On its way: ${where}${rest}` };
    }
    case 'stalled':
      return status === 409
        ? { tone: 'error', headline: 'Regions resolve its tag to other digests' }
        : { tone: 'error', headline: `Late: ${where}` };
    case 'superseded':
      return { tone: 'off', headline: 'Its tag moved on before it was everywhere' };
    case 'deleted':
      return { tone: 'off', headline: 'Deleted' };
    default:
      return { tone: 'unknown', headline: state };
  }
}
