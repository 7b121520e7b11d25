import type { Deadline } from '../lib/deadline.ts';
import type { Registry } from '../registries/registry.ts';
import { applyNotification, type NotificationEffect } from './apply-notification.ts';
import { expectedRegions, withExpectedRegions } from './expected-regions.ts';
import type { Image } from './image.ts';
import { withLaterExpectation } from './later-expectations.ts';
import type { Notice } from './ledger.ts';
import type { Notification } from './notification.ts';
import type { ImagePorts } from './ports.ts';
import type { PushedTag } from './store.ts';
import { findTagRevert, withTagRevert } from './tag-reverts.ts';
import { withReplicatedVerdicts } from './verdict.ts';

/** What became of a notification. */
export type RecordResult = 'recorded' | 'duplicate' | 'outdated' | 'replicated' | 'deleted';

/** What one notice does to an image. */
export interface NoticeEffect {
  readonly image: Image | undefined;
  readonly result: RecordResult;
  readonly pushed: readonly PushedTag[];
  /** The tag that may have reverted to the image. */
  readonly pushedAgain: string | undefined;
}

export interface NoticePorts extends Pick<ImagePorts, 'ledger' | 'directory' | 'now'> {
  /** How long images are kept. A push from before that opens no image: it was known and forgotten, or is too late. */
  readonly retentionMs: number;
}

/**
 * Applies a notice to an image, and reaches the verdicts that follow from it: with the replicas of the registry, and with
 * what the ledger knows of the tag. Nothing is written.
 *
 * @param registry `undefined` for one that is no longer configured: no verdicts are reached.
 */
type ApplyNotice = (
  before: Image | undefined,
  notice: Notice,
  registry: Registry | undefined,
  deadline: Deadline,
) => Promise<NoticeEffect>;

export function noticeApplier({ ledger, directory, retentionMs, now }: NoticePorts): ApplyNotice {
  async function applyNotice(
    before: Image | undefined,
    { notification, receivedAtMs }: Notice,
    registry: Registry | undefined,
    deadline: Deadline,
  ): Promise<NoticeEffect> {
    const unchanged = { image: before, pushed: [], pushedAgain: undefined };
    if (before === undefined && receivedAtMs - notification.at.getTime() > retentionMs) {
      return { ...unchanged, result: 'outdated' };
    }
    const effect = applyNotification(before, notification, receivedAtMs);
    if (effect.kind === 'unchanged') return { ...unchanged, result: 'duplicate' };
    const tag = notification.kind === 'push' ? notification.tag : undefined;
    const pushedAgain = effect.kind === 'pushedAgain' ? tag : undefined;
    const image =
      registry === undefined
        ? effect.image
        : await withVerdicts(effect.image, pushedAgain, { notification, receivedAtMs }, registry, deadline);
    const pushed = pushedTag(effect, before, notification);
    const isNews = effect.kind === 'deleted' || effect.kind === 'outdated';
    const verdict = isNewlyReplicated(effect.image, image) ? 'replicated' : 'recorded';
    return {
      image,
      result: isNews ? effect.kind : verdict,
      pushed: pushed === undefined ? [] : [pushed],
      pushedAgain,
    };
  }

  /** @param pushedAgain the tag that may have reverted to the image */
  async function withVerdicts(
    image: Image,
    pushedAgain: string | undefined,
    notice: Notice,
    registry: Registry,
    deadline: Deadline,
  ): Promise<Image> {
    const view = await directory.view(registry, deadline);
    const known =
      pushedAgain === undefined
        ? image
        : withTagRevert(
            image,
            pushedAgain,
            await findTagRevert(image, pushedAgain, ledger, deadline),
            now().getTime(),
          );
    // Without a view, the review reaches the verdicts as soon as there is one. The view of another login server does not
    // count: the registry of this ARM id was deleted, and created again with another label.
    if (view?.loginServer !== image.id.registry) return known;
    const expecting = withLaterExpectation(
      withExpectedRegions(known, registry, view),
      notice,
      registry,
      view,
    );
    const expect = expectedRegions(registry, view);
    return withReplicatedVerdicts(expecting, expect, registry.id, now().getTime());
  }

  return applyNotice;
}

/**
 * The tag that a notification makes known.
 * @returns `undefined` when the tag is known to have pointed at the image, and cannot have reverted to it.
 */
function pushedTag(
  effect: NotificationEffect,
  before: Image | undefined,
  notification: Notification,
): PushedTag | undefined {
  if (notification.kind !== 'push' || notification.tag === undefined) return undefined;
  const { image, tag, at } = notification;
  const known = before?.references.find((reference) => reference.tag === tag);
  // One that is outdated now may count later, when an earlier deletion turns out to be the one before it.
  if (known !== undefined && effect.kind !== 'pushedAgain' && effect.kind !== 'outdated') return undefined;
  const { registry, repository, digest } = image;
  // A notification that arrives late must not make the tag's last push look older than it is.
  const atMs = Math.max(at.getTime(), ...(known?.facts ?? []).map((fact) => fact.atMs));
  return { tag: { registry, repository, tag }, candidate: { digest, atMs } };
}

const isNewlyReplicated = (before: Image, after: Image): boolean =>
  after.references.some(
    ({ tag, replicatedAtMs }) =>
      replicatedAtMs !== undefined &&
      before.references.find((reference) => reference.tag === tag)?.replicatedAtMs === undefined,
  );
