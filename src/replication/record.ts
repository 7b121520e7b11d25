import { batchByKey } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { StateRefusedError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../registries/registry.ts';
import { type NoticeEffect, type NoticePorts, noticeApplier, type RecordResult } from './apply-notice.ts';
import { type ImageId, imageKey } from './image.ts';
import type { Notice, StoredImage } from './ledger.ts';
import type { Notification } from './notification.ts';
import type { ImagePorts } from './ports.ts';
import type { PushedTag } from './store.ts';
import { type Folded, storeTogether } from './store-together.ts';
import { findTagRevert, storeTagRevert } from './tag-reverts.ts';

export interface Recorder {
  /**
   * Adds a notification to the ledger, reaches the verdicts that follow from it, and publishes them. When it returns,
   * the notification is stored; the signals may follow later.
   * @throws {StateUnavailableError} when it could not be stored.
   */
  record(notification: Notification, registry: Registry, deadline: Deadline, log: Log): Promise<RecordResult>;
  /**
   * Takes in the notifications that are stored beside an image.
   * @returns the image as it is stored then.
   */
  takeIn(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
}

/** What the functions need that receive notifications: a way to check their regions, and the recorder. */
export interface NotificationPorts extends Pick<Recorder, 'record'> {
  readonly directory: Pick<ImagePorts['directory'], 'has'>;
}

interface RecorderPorts
  extends NoticePorts,
    Pick<ImagePorts, 'store' | 'outbox' | 'changes' | 'findRegistry'> {}

/** A notification that is to be recorded. Those of one image that wait at the same time are stored by one write. */
interface Member {
  readonly id: ImageId;
  /** `undefined` for a caller that only has taken in what is stored beside the image. */
  readonly notice: Notice | undefined;
  /** `undefined` for a registry that is no longer configured: no verdicts are reached. */
  readonly registry: Registry | undefined;
  readonly deadline: Deadline;
}

interface MemberResult extends Pick<NoticeEffect, 'result' | 'pushedAgain'> {
  readonly stored: StoredImage | undefined;
  /** Whether its verdicts have signals. */
  readonly hasSignals: boolean;
}

interface Fold extends Folded {
  readonly results: readonly PromiseSettledResult<Omit<MemberResult, 'stored'>>[];
}

const nothingDone = { result: 'duplicate', pushedAgain: undefined } as const;

export function recorder(ports: RecorderPorts): Recorder {
  const { ledger, store, outbox, changes, findRegistry, now } = ports;
  const applyNotice = noticeApplier(ports);

  const recordTogether = batchByKey(async (members: readonly Member[]) => {
    const results: PromiseSettledResult<MemberResult>[] = [];
    for (const group of splitAtDeletions(members)) results.push(...(await storeGroup(group)));
    return results;
  });

  /** Never throws: what goes wrong is the result of each member that it concerns. */
  async function storeGroup(members: readonly Member[]): Promise<PromiseSettledResult<MemberResult>[]> {
    try {
      return await storeMembers(members);
    } catch (reason) {
      // One of them may be what storage refuses.
      const isOfOne = reason instanceof StateRefusedError && members.length > 1;
      if (!isOfOne) return members.map(() => ({ status: 'rejected', reason }));
      const alone: PromiseSettledResult<MemberResult>[] = [];
      for (const member of members) alone.push(...(await storeGroup([member])));
      return alone;
    }
  }

  async function storeMembers(members: readonly Member[]): Promise<PromiseSettledResult<MemberResult>[]> {
    const [first] = members;
    if (first === undefined) return [];
    const deadline = members
      .map((member) => member.deadline)
      .reduce((latest, one) => (one.remainingMs() > latest.remainingMs() ? one : latest));
    const fold = (stored: StoredImage | undefined) => foldMembers(stored, members, deadline);
    const { stored, folded, isBeside } = await storeTogether(first.id, store, fold, deadline);
    return folded.results.map((settled) => {
      if (settled.status === 'rejected') return settled;
      const { result } = settled.value;
      // Whoever takes it in gives the verdict.
      const known = isBeside && result === 'replicated' ? 'recorded' : result;
      return { status: 'fulfilled', value: { ...settled.value, result: known, stored } };
    });
  }

  /** Applies what is stored beside an image, and then the notification of each member. */
  async function foldMembers(
    stored: StoredImage | undefined,
    members: readonly Member[],
    deadline: Deadline,
  ): Promise<Fold> {
    const registry = members[0]?.registry;
    let image = stored?.image;
    const pushed: PushedTag[] = [];
    const news: Notice[] = [];
    const take = async (notice: Notice): Promise<NoticeEffect> => {
      const step = await applyNotice(image, notice, registry, deadline);
      image = step.image;
      pushed.push(...step.pushed);
      return step;
    };
    for (const notice of stored?.notices ?? []) await take(notice);
    const results: PromiseSettledResult<Omit<MemberResult, 'stored'>>[] = [];
    for (const { notice } of members) {
      const before = image;
      const step = notice === undefined ? undefined : take(notice);
      const [settled] = await Promise.allSettled([step]);
      if (settled.status === 'rejected') {
        results.push(settled);
        continue;
      }
      if (notice !== undefined && image !== before) news.push(notice);
      const hasSignals = (image?.outbox.length ?? 0) > (before?.outbox.length ?? 0);
      results.push({ status: 'fulfilled', value: { ...(settled.value ?? nothingDone), hasSignals } });
    }
    const isChanged = image !== stored?.image || (stored?.notices.length ?? 0) > 0;
    return {
      image: isChanged && image !== undefined ? outbox.keep(image) : undefined,
      pushed,
      news,
      results,
    };
  }

  /**
   * Looks for a revert once more after a second push of a tag is stored. The other image that the tag pointed at may
   * have been recorded meanwhile, and its review finds this push only once it is stored.
   */
  async function withLateRevert(stored: StoredImage, tag: string, deadline: Deadline): Promise<StoredImage> {
    const found = await findTagRevert(stored.image, tag, ledger, deadline);
    return (await storeTagRevert(stored, tag, found, ports, deadline)) ?? stored;
  }

  return {
    async record(notification, registry, deadline, log) {
      const id = notification.image;
      const notice = { notification, receivedAtMs: now().getTime() };
      const recorded = await recordTogether(imageKey(id), { id, notice, registry, deadline });
      const { result, pushedAgain, hasSignals } = recorded;
      let { stored } = recorded;
      if (stored === undefined) return result;
      if (pushedAgain !== undefined) stored = await withLateRevert(stored, pushedAgain, deadline);
      if (result !== 'duplicate') changes.notify(id);
      // Signals that are not its own are left to those whose they are, but a repeat may be sent to have them published.
      if (hasSignals || result === 'duplicate') await outbox.flush(stored, deadline, log);
      return result;
    },
    async takeIn(id, deadline) {
      const registry = await findRegistry(id.registry, deadline);
      return (await recordTogether(imageKey(id), { id, notice: undefined, registry, deadline })).stored;
    },
  };
}

/** A deletion is stored by itself, so that a verdict from before it is not stored as if it came after it. */
function splitAtDeletions(members: readonly Member[]): Member[][] {
  const groups: Member[][] = [];
  for (const member of members) {
    const last = groups.at(-1);
    const isDeletion = (one: Member | undefined) => one?.notice?.notification.kind === 'delete';
    if (last === undefined || isDeletion(member) || isDeletion(last[0])) groups.push([member]);
    else last.push(member);
  }
  return groups;
}
