import type { Deadline } from '../lib/deadline.ts';
import type { RegistryView } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import {
  type Expectation,
  expectedRegions,
  missingRegions,
  withExpectedRegions,
} from './expected-regions.ts';
import { type Image, isDeleted, lateReferences, openReferences, referenceFacts } from './image.ts';
import type { Ledger } from './ledger.ts';
import type { ImagePorts } from './ports.ts';
import { readTagHistory, type TagHistory } from './tag-history.ts';
import { withDelayVerdicts, withReplicatedVerdicts, withSupersededVerdicts } from './verdict.ts';
import { verify, withVerified } from './verify.ts';
import { doubtsIn, withoutWithdrawn } from './withdrawn.ts';

/**
 * Finds out what notifications did not report of an open image, and reaches the verdicts that time brings.
 *
 * | the image                                             | leads to                                             |
 * |-------------------------------------------------------|------------------------------------------------------|
 * | lacks only regions whose replicas are gone            | replicated                                           |
 * | is younger than the objective                         | nothing, unless a push named no region               |
 * | has a tag that points at a newer digest               | superseded: nobody waits for it any more             |
 * | is older than the objective, and was read everywhere  | replicated                                           |
 * | is older than the objective, and is missing somewhere | stalled, once; verified again at growing intervals   |
 * | and the tag shows an older digest there               | tag diverged, once                                   |
 * | was deleted before, and no region has it any more     | deleted                                              |
 *
 * @param view `undefined` when nothing was ever known of the registry.
 * @returns the image with what was found; it is not stored.
 */
export async function reviewImage(
  image: Image,
  registry: Registry,
  view: RegistryView | undefined,
  { ledger, manifests, now }: Pick<ImagePorts, 'ledger' | 'manifests' | 'now'>,
  deadline: Deadline,
): Promise<Image> {
  if (view === undefined || isDeleted(image)) return image;
  const nowMs = now().getTime();
  const expecting = withExpectedRegions(image, registry, view);
  const expect = expectedRegions(registry, view);
  const known = withReplicatedVerdicts(expecting, expect, registry.id, nowMs);
  if (openReferences(known).length === 0 || !isVerificationDue(known, registry, nowMs)) return known;

  const histories = await readOpenHistories(known, ledger, deadline);
  const current = withSupersededVerdicts(known, histories, nowMs);
  if (openReferences(current).length === 0) return current;

  const verification = await verify(
    current,
    missingSomewhere(current, expect),
    registry,
    manifests,
    now,
    deadline,
  );
  const verified = withVerified(current, verification);
  const doubts = doubtsIn(verified, verification.answered, expect, registry, nowMs);
  const remaining = await withoutWithdrawn(verified, doubts, registry, view, manifests, deadline);
  const judged = withReplicatedVerdicts(remaining, expect, registry.id, now().getTime());
  const context = { histories, verification, registry, expect, nowMs };
  return withNextVerification(withDelayVerdicts(judged, context), nowMs);
}

/** Requests cost, so the first ones are sent when the objective has passed, or earlier where a time was set for them. */
function isVerificationDue(image: Image, { replicationSloMs }: Registry, nowMs: number): boolean {
  const { nextVerificationAtMs } = image;
  if (nextVerificationAtMs !== undefined && nextVerificationAtMs <= nowMs) return true;
  return lateReferences(image, replicationSloMs, nowMs).some(({ stalledAtMs }) => stalledAtMs === undefined);
}

async function readOpenHistories(
  image: Image,
  ledger: Ledger,
  deadline: Deadline,
): Promise<Map<string, TagHistory>> {
  const { registry, repository } = image.id;
  const histories = new Map<string, TagHistory>();
  for (const { tag } of openReferences(image)) {
    if (tag === undefined) continue;
    histories.set(tag, await readTagHistory({ registry, repository, tag }, ledger, deadline, image));
  }
  return histories;
}

const missingSomewhere = (image: Image, expect: Expectation): Region[] => [
  ...new Set(
    openReferences(image).flatMap((reference) =>
      missingRegions(expect(reference), referenceFacts(image, reference)),
    ),
  ),
];

const firstPauseMs = 30_000;
const longestPauseMs = 60 * 60 * 1000;

/** Each pause is twice as long as the one before it. */
function withNextVerification(image: Image, nowMs: number): Image {
  const { verificationAttempts: attempts } = image;
  if (openReferences(image).length === 0) {
    return { ...image, verificationAttempts: 0, nextVerificationAtMs: undefined };
  }
  const pauseMs = Math.min(firstPauseMs * 2 ** attempts, longestPauseMs);
  return { ...image, verificationAttempts: attempts + 1, nextVerificationAtMs: nowMs + pauseMs };
}
