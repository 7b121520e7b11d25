import { serializeByKey } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../registries/registry.ts';
import { applyNotification, type NotificationEffect } from './apply-notification.ts';
import { expectedRegions, withExpectedRegions } from './expected-regions.ts';
import { type Image, imageKey } from './image.ts';
import type { StoredImage } from './ledger.ts';
import type { Notification } from './notification.ts';
import type { ImagePorts } from './ports.ts';
import type { PushedTag } from './store.ts';
import { findTagRevert, storeTagRevert, withTagRevert } from './tag-reverts.ts';
import { withReplicatedVerdicts } from './verdict.ts';

/** What became of a notification. */
export type RecordResult = 'recorded' | 'duplicate' | 'outdated' | 'replicated' | 'deleted';

interface Recorder {
  /**
   * Adds a notification to the ledger, reaches the verdicts that follow from it, and publishes them. When it returns,
   * the notification is stored; the signals may follow later.
   * @throws {StateUnavailableError} when it could not be stored.
   */
  record(notification: Notification, registry: Registry, deadline: Deadline, log: Log): Promise<RecordResult>;
}

/** What the functions need that receive notifications: a way to check their regions, and the recorder. */
export interface NotificationPorts extends Recorder {
  readonly directory: Pick<ImagePorts['directory'], 'has'>;
}

type RecorderPorts = Pick<ImagePorts, 'ledger' | 'store' | 'directory' | 'outbox' | 'changes' | 'now'>;

/** Every lost race means that somebody else made progress. */
const maxAttempts = 20;

export function recorder(ports: RecorderPorts): Recorder {
  const { ledger, store, directory, outbox, changes, now } = ports;
  const serialize = serializeByKey();

  async function record(
    notification: Notification,
    registry: Registry,
    deadline: Deadline,
    log: Log,
  ): Promise<RecordResult> {
    const tag = notification.kind === 'push' ? notification.tag : undefined;
    let stored = await store.readCached(notification.image, deadline);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const effect = applyNotification(stored?.image, notification, now().getTime());
      if (effect.kind === 'unchanged') {
        if (stored !== undefined) await outbox.flush(stored, deadline, log);
        return 'duplicate';
      }
      const pushedAgain = effect.kind === 'pushedAgain' ? tag : undefined;
      const judged = await withVerdicts(effect.image, pushedAgain, registry, deadline);
      const pushed = pushedTag(effect, stored?.image, notification);
      try {
        stored = await store.write(stored, outbox.keep(judged), deadline, pushed);
      } catch (error) {
        if (!(error instanceof StateChangedError)) throw error;
        stored = await store.read(notification.image, deadline);
        continue;
      }
      if (pushedAgain !== undefined) stored = await withLateRevert(stored, pushedAgain, deadline);
      changes.notify(notification.image);
      await outbox.flush(stored, deadline, log);
      if (effect.kind === 'deleted' || effect.kind === 'outdated') return effect.kind;
      return isNewlyReplicated(effect.image, judged) ? 'replicated' : 'recorded';
    }
    throw new StateUnavailableError(`recording a notification of ${imageKey(notification.image)}`, 1_000, {
      cause: new StateChangedError(`each of ${maxAttempts} attempts`),
    });
  }

  /** @param pushedAgain the tag that may have reverted to the image */
  async function withVerdicts(
    image: Image,
    pushedAgain: string | undefined,
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
    // Without a view the review reaches the verdicts, as soon as there is one.
    // Nor with that of another registry: an id may be given to one that is created anew.
    if (view?.loginServer !== image.id.registry) return known;
    const expecting = withExpectedRegions(known, registry, view);
    const expected = expectedRegions(expecting, registry, view);
    return withReplicatedVerdicts(expecting, expected, registry.id, now().getTime());
  }

  /**
   * Looks for a revert once more after a second push of a tag is stored. The other image that the tag pointed at may
   * have been recorded meanwhile, and its review finds this push only once it is stored.
   */
  async function withLateRevert(stored: StoredImage, tag: string, deadline: Deadline): Promise<StoredImage> {
    const revertedAtMs = await findTagRevert(stored.image, tag, ledger, deadline);
    return (await storeTagRevert(stored, tag, revertedAtMs, ports, deadline)) ?? stored;
  }

  return {
    // One after the other within this process, so that duplicates that arrive together do not race for one entity.
    record: (notification, registry, deadline, log) =>
      serialize(imageKey(notification.image), () => record(notification, registry, deadline, log)),
  };
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
  if (known !== undefined && effect.kind !== 'pushedAgain') return undefined;
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
