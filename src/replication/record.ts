import { serializeByKey } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import { applyNotification, type NotificationEffect } from './apply-notification.ts';
import { initiallyExpected, stillExpected } from './expected-regions.ts';
import { type Image, imageKey } from './image.ts';
import type { ImageChanges } from './image-changes.ts';
import type { Ledger, StoredImage } from './ledger.ts';
import type { Notification } from './notification.ts';
import type { Outbox } from './outbox.ts';
import type { ImageStore } from './store.ts';
import { withTagRevert } from './tag-history.ts';
import { findTagRevert, storeTagRevert } from './tag-reverts.ts';
import { withVerdicts } from './verdict.ts';

/** What became of a notice. */
export type RecordResult = 'recorded' | 'duplicate' | 'outdated' | 'replicated' | 'deleted';

interface Recorder {
  /**
   * Adds a notice to the ledger, reaches the verdict that follows from it, and publishes it. When it returns, the
   * notice is stored; the signal may follow later.
   * @throws {StateUnavailableError} when it could not be stored.
   */
  record(notice: Notification, registry: Registry, deadline: Deadline, log: Log): Promise<RecordResult>;
}

interface RecorderPorts {
  readonly ledger: Ledger;
  readonly store: ImageStore;
  readonly directory: ReplicaDirectory;
  /** `undefined` without a topic: verdicts are logged and stored only. */
  readonly outbox: Outbox | undefined;
  readonly changes: ImageChanges;
  readonly now: () => Date;
}

/** Every lost race means that somebody else made progress. */
const maxRounds = 20;

export function recorder(ports: RecorderPorts): Recorder {
  const { ledger, store, directory, outbox, changes, now } = ports;
  const turns = serializeByKey();

  async function record(
    notice: Notification,
    registry: Registry,
    deadline: Deadline,
    log: Log,
  ): Promise<RecordResult> {
    let stored = await store.readCached(notice.image);
    for (let round = 0; round < maxRounds; round += 1) {
      const absorbed = applyNotification(stored?.image, notice, now().getTime());
      if (absorbed.kind === 'known') {
        if (stored !== undefined) await outbox?.flush(stored, log);
        return 'duplicate';
      }
      const concluded = await conclude(absorbed, notice, registry, deadline);
      const image = outbox === undefined ? { ...concluded, outbox: [] } : concluded;
      try {
        stored = await store.write(stored, image, pushedBy(absorbed, stored?.image, notice));
      } catch (error) {
        if (!(error instanceof StateChangedError)) throw error;
        stored = await store.read(notice.image);
        continue;
      }
      const tag = notice.kind === 'push' ? notice.tag : undefined;
      if (absorbed.kind === 'shownAgain' && tag !== undefined) stored = await withLateReturn(stored, tag);
      changes.notify(notice.image);
      await outbox?.flush(stored, log);
      if (absorbed.kind === 'deleted' || absorbed.kind === 'outdated') return absorbed.kind;
      return isNewlyReplicated(absorbed.image, concluded) ? 'replicated' : 'recorded';
    }
    throw new StateUnavailableError(`recording a notice of ${imageKey(notice.image)}`, 1_000, {
      cause: new StateChangedError(`each of ${maxRounds} attempts`),
    });
  }

  /** What follows from what is known by now. */
  async function conclude(
    { kind, image: absorbed }: Extract<NotificationEffect, { image: Image }>,
    notice: Notification,
    registry: Registry,
    deadline: Deadline,
  ): Promise<Image> {
    const view = await directory.view(registry, deadline);
    const tag = notice.kind === 'push' ? notice.tag : undefined;
    const image =
      kind === 'shownAgain' && tag !== undefined
        ? withTagRevert(absorbed, tag, await findTagRevert(absorbed, tag, ledger), now().getTime())
        : absorbed;
    // Without a view the review judges, as soon as there is one.
    if (view === undefined) return image;
    const expected = image.expected ?? initiallyExpected(registry, view.replicas);
    // A list that shows no replica at all is no list to hold an image to for ever.
    const known = expected.length === 0 ? image : { ...image, expected };
    return withVerdicts(known, stillExpected(expected, view.replicas), registry.id, now().getTime());
  }

  /**
   * Once more after a second push of a tag is stored: an image that the tag pointed at meanwhile may have come in
   * between, and whoever reviews that one looks at this one only once it is stored.
   */
  async function withLateReturn(stored: StoredImage, tag: string): Promise<StoredImage> {
    const revertedAtMs = await findTagRevert(stored.image, tag, ledger);
    return (await storeTagRevert(stored, tag, revertedAtMs, store, now)) ?? stored;
  }

  return {
    // One after the other within this process, so that duplicates that arrive together do not race for one entity.
    record: (notice, registry, deadline, log) =>
      turns(imageKey(notice.image), () => record(notice, registry, deadline, log)),
  };
}

/** A tag is made known with the first notice that shows it, and again when it may have come back. */
function pushedBy(absorbed: NotificationEffect, before: Image | undefined, notice: Notification) {
  if (notice.kind !== 'push' || notice.tag === undefined) return undefined;
  const { image, tag, at } = notice;
  const known = before?.references.find((reference) => reference.tag === tag);
  if (known !== undefined && absorbed.kind !== 'shownAgain') return undefined;
  const { registry, repository, digest } = image;
  // A notice that comes late must not make the tag's last showing look older than it is.
  const atMs = Math.max(at.getTime(), ...(known?.facts ?? []).map((fact) => fact.atMs));
  return { tag: { registry, repository, tag }, candidate: { digest, atMs } };
}

const isNewlyReplicated = (before: Image, after: Image): boolean =>
  after.references.some(
    ({ tag, replicatedAtMs }) =>
      replicatedAtMs !== undefined &&
      before.references.find((reference) => reference.tag === tag)?.replicatedAtMs === undefined,
  );
