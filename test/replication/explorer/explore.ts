import { deadlineIn } from '../../../src/lib/deadline.ts';
import { StateUnavailableError } from '../../../src/lib/errors.ts';
import { replicaDirectory } from '../../../src/registries/directory.ts';
import type { Region } from '../../../src/registries/replica.ts';
import type { ReplicationAnswer } from '../../../src/replication/answer.ts';
import { lastDeletionMs } from '../../../src/replication/deletions.ts';
import type { GoneState } from '../../../src/replication/gone.ts';
import type { Notification } from '../../../src/replication/notification.ts';
import type { Signal } from '../../../src/signals/signal.ts';
import { InMemoryMemberships } from '../../registries/in-memory-memberships.ts';
import { at, hourMs, idOf, minuteMs, secondMs } from '../fixtures.ts';
import { type AppProcess, InMemoryApp } from '../in-memory-app.ts';
import { CrashError } from '../in-memory-ledger.ts';
import {
  type Ablation,
  blobsWithout,
  manifestsWithout,
  memoryWithout,
  pullMemoryWithout,
  readerWithout,
  storedImage,
  told,
} from './ablation.ts';
import { isAwaited, mayBeAwaited, noConditions, skewOf } from './conditions.ts';
import {
  coming,
  type Delivery,
  gapSeconds,
  type History,
  leaving,
  type Review,
  regions,
  tags,
} from './history.ts';
import { PullTruth } from './pull-truth.ts';
import type { PullQuestion } from './pulls.ts';
import { lastPush, rightAnswers, Truth } from './truth.ts';

/**
 * Lets a history happen.
 * @param ablation the rule that is taken away; none by default
 * @returns what went wrong; nothing when all is right.
 */
export async function explore(given: History, ablation: Ablation = {}): Promise<string[]> {
  const wrong: string[] = [];
  const memberships = new InMemoryMemberships();
  const memory = memoryWithout(ablation, memberships);
  const history = withClocks(given, ablation);
  // Clocks of processes may differ from it.
  const trueNow = () => new Date(app.nowMs);
  const app: InMemoryApp = new InMemoryApp(regions, {
    manifests: (now) => manifestsWithout(ablation, new Truth(history, now)),
    blobs: (now) => blobsWithout(ablation, new Truth(history, now)),
    pulls: () => pullMemoryWithout(ablation),
    directory: (now) => {
      const reader = readerWithout(ablation, new Truth(history, trueNow).resourceManager);
      return replicaDirectory({ reader, memory, now });
    },
    gapMs: ablation.looksMayBeNear === true ? 0 : gapSeconds * secondMs,
  });
  const truth = new Truth(history, trueNow);
  const pullTruth = new PullTruth(history, () => app.nowMs);
  app.ledger.toStore = (image) => storedImage(ablation, image);
  const verdicts = new Set<string>();
  const stalls = new Set<string>();
  // Verdicts are checked when they are stored: a deletion may be recorded before the signal is published.
  app.ledger.onWrite = (image, before) => {
    wrong.push(...pullTruth.stored(before, image, [...regions, coming]));
    for (const [index, { id, type, data }] of image.outbox.entries()) {
      if (type === 'evenkeel.registry.replicationStalled' && !stalls.has(id)) {
        stalls.add(id);
        wrong.push(...waitsForSeeding(data, history), ...waitsForUnselected(data, app.nowMs, history));
      }
      if (type !== 'evenkeel.registry.replicated' || verdicts.has(id)) continue;
      verdicts.add(id);
      const digest = String(data['digest']);
      const tag = typeof data['tag'] === 'string' ? data['tag'] : undefined;
      const reference = image.references.find((one) => one.tag === tag);
      // One write may hold several notifications: a verdict, and the beginning of the next episode.
      const isLast = !image.outbox.some(
        (other, at) => at > index && other.data['tag'] === data['tag'] && other.type === type,
      );
      const isCurrent = reference?.replicatedAtMs !== undefined && isLast;
      const sinceMs = isCurrent
        ? Math.max(lastDeletionMs(image.deletions) ?? 0, reference.revertedAtMs ?? 0)
        : 0;
      const firstSeenMs = reference?.firstSeenMs ?? 0;
      const selected = (region: Region) =>
        isAwaited(region, (firstSeenMs - at(0)) / 1000, (app.nowMs - at(0)) / 1000, history);
      const awaited = [...regions, ...(wasReadyAt(firstSeenMs, history) ? [coming] : [])].filter(selected);
      for (const region of awaited.filter((one) => truth.exists(one))) {
        const isThere = tag !== undefined && truth.content(region).tags.get(tag) === digest;
        if (!isThere && !truth.hasShown(region, digest, tag, sinceMs))
          wrong.push(`${tag ?? 'no tag'} ${digest} is reported in ${region}, and is not there`);
      }
    }
  };
  // The replicas are known from the time before.
  app.nowMs = at(-10);
  await app.process().review();
  await perform(history, app, truth, pullTruth, ablation, wrong);
  await comeToRest(app);
  const published = new Set(app.signals().map(({ id }) => id));
  for (const id of verdicts) if (!published.has(id)) wrong.push(`the verdict ${id} was never published`);
  wrong.push(
    ...(await wrongAnswers(history, app)),
    ...(await wrongPulls(history, app, pullTruth)),
    ...wrongSignals(history, ablation.repeatsAreNews === true ? app.published : app.signals()),
    ...missedVerdicts(history, app),
  );
  return wrong;
}

/** A process of the app, until it crashes. */
interface Slot {
  readonly process: AppProcess;
  untilCrash: number;
}

async function perform(
  { deliveries, reviews, delays, pulls, conditions = noConditions }: History,
  app: InMemoryApp,
  truth: Truth,
  pullTruth: PullTruth,
  ablation: Ablation,
  wrong: string[],
): Promise<void> {
  const slots = new Map<number, Slot>();
  const lostAnswers = new Set(conditions.lostAnswers);
  let calls = 0;
  let answers = 0;
  const start = (number: number): Slot => {
    const before = async () => {
      calls += 1;
      for (let turns = delays[calls % delays.length] ?? 0; turns > 0; turns -= 1) await Promise.resolve();
      slot.untilCrash -= 1;
      if (slot.untilCrash > 0) return;
      if (slots.get(number) === slot) slots.delete(number);
      throw new CrashError('as the history has it');
    };
    const after = () => {
      answers += 1;
      if (lostAnswers.has(answers)) throw new StateUnavailableError('a call without an answer', 1_000);
    };
    const aheadMs = (conditions.clocks[number] ?? 0) * secondMs;
    const slot: Slot = {
      process: app.process({ before, after }, aheadMs),
      untilCrash: Number.POSITIVE_INFINITY,
    };
    slots.set(number, slot);
    return slot;
  };
  const slotAt = (number: number, crashAt: number | undefined): Slot => {
    const slot = slots.get(number) ?? start(number);
    if (crashAt !== undefined) slot.untilCrash = Math.min(slot.untilCrash, crashAt);
    return slot;
  };
  const deliver = async ({
    notification,
    process: number,
    crashAt,
    isSentAgain,
  }: Delivery): Promise<void> => {
    try {
      const { process } = slotAt(number, crashAt);
      const accepted = await acceptedBy(process, told(ablation, notification));
      if (accepted !== undefined) await process.record(accepted);
      else if (truth.exists(regionOf(notification) ?? '')) wrong.push(`refused ${regionOf(notification)}`);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (isSentAgain)
        await deliver({ notification, process: number, crashAt: undefined, isSentAgain, seconds: 0 });
    }
  };
  const review = async ({ process: number, crashAt }: Review): Promise<void> => {
    await slotAt(number, crashAt)
      .process.review()
      .catch((error: unknown) => {
        if (!isFailure(error)) throw error;
      });
  };
  const question = async ({ process: number, crashAt, ...asked }: PullQuestion): Promise<void> => {
    try {
      wrong.push(...(await askForPull(slotAt(number, crashAt).process, asked, pullTruth)));
    } catch (error) {
      // A question without time may end without an answer.
      const isLate = error instanceof StateUnavailableError && asked.isHurried;
      if (!(error instanceof CrashError || isLate)) throw error;
    }
  };
  /** Other settings have every process start anew. */
  const select = () => {
    const { seconds, before, after } = conditions.selected;
    const selection = app.nowMs >= at(seconds) && ablation.settingsStay !== true ? after : before;
    if (app.registry.regions === selection) return;
    app.registry = { ...app.registry, regions: selection };
    slots.clear();
  };
  const steps = [
    ...deliveries.map((delivery) => ({ seconds: delivery.seconds, take: () => deliver(delivery) })),
    ...reviews.map((one) => ({ seconds: one.seconds, take: () => review(one) })),
    ...(pulls?.questions ?? []).map((one) => ({ seconds: one.seconds, take: () => question(one) })),
  ];
  for (const together of overlapping(steps)) {
    app.nowMs = at(Math.max(...together.map(({ seconds }) => seconds)));
    select();
    await Promise.all(together.map(({ take }) => take()));
  }
  app.nowMs = Math.max(app.nowMs, at(settledSeconds));
  select();
}

/** What a process meets; the sender of a notification hears of it. */
const isFailure = (error: unknown): boolean =>
  error instanceof CrashError || error instanceof StateUnavailableError;

function withClocks(history: History, { clocksDifferByHours }: Ablation): History {
  const { conditions } = history;
  if (clocksDifferByHours === undefined || conditions === undefined) return history;
  const clocks = conditions.clocks.map((_, index) => (index - 1) * clocksDifferByHours * 3600);
  return { ...history, conditions: { ...conditions, clocks } };
}

/** @returns what is wrong about the answer */
async function askForPull(
  process: AppProcess,
  { reference, closure, isHurried }: Omit<PullQuestion, 'process' | 'crashAt'>,
  pullTruth: PullTruth,
): Promise<string[]> {
  const sinceOf = pullTruth.since();
  const wish = { pullable: true, closure };
  const result = await process.question(reference, wish, isHurried ? deadlineIn(0) : undefined);
  return result === undefined ? [] : pullTruth.wrongAbout(result, closure, sinceOf);
}

/** A replica that is being seeded when an image is first seen holds up nothing. */
function waitsForSeeding(data: Signal['data'], history: History): string[] {
  const { added } = history.replicas;
  const { missing, firstSeen } = data;
  if (added === undefined || !Array.isArray(missing) || !missing.includes(coming)) return [];
  const isSeeded = Date.parse(String(firstSeen)) >= at(added.readySeconds - skewOf(history));
  return isSeeded ? [] : [`${String(data['digest'])} waits for a replica that is being seeded`];
}

/** What the settings leave out, now or when an image was first seen, holds up nothing. */
function waitsForUnselected(data: Signal['data'], nowMs: number, history: History): string[] {
  const missing = Array.isArray(data['missing']) ? data['missing'].map(String) : [];
  const firstSeconds = (Date.parse(String(data['firstSeen'])) - at(0)) / 1000;
  const seconds = (nowMs - at(0)) / 1000;
  return missing
    .filter((region) => !mayBeAwaited(region, firstSeconds, seconds, history))
    .map((region) => `${String(data['digest'])} waits for ${region}, which the settings leave out`);
}

const regionOf = ({ region }: Notification) => region;

/** The notification as the function that receives it hands it on; `undefined` when it is refused. */
async function acceptedBy(
  process: AppProcess,
  notification: Notification,
): Promise<Notification | undefined> {
  const { region } = notification;
  if (region === undefined || (await process.has(region)) !== 'no') return notification;
  const isEvent = notification.kind === 'push' && notification.evidence === 'event';
  return isEvent ? { ...notification, region: undefined } : undefined;
}

/** A process may not know for this long what another one saw, and for a little longer what a list shows. */
const knownAfterMs = 6 * minuteMs + 10 * secondMs;

/** Whether every process knew at a time that the replica which came later was ready. */
function wasReadyAt(timeMs: number, history: History): boolean {
  const { replicas, reviews } = history;
  const { added, listLies } = replicas;
  if (added === undefined) return false;
  const isShown = (seconds: number) =>
    !listLies.some(({ region, from, to }) => region === coming && from <= seconds && seconds < to);
  return reviews.some(
    ({ seconds, crashAt }) =>
      crashAt === undefined &&
      seconds >= added.readySeconds &&
      at(seconds + skewOf(history)) + knownAfterMs <= timeMs &&
      isShown(seconds),
  );
}

/** Steps within this many seconds run at the same time. */
const overlapSeconds = 3;

function overlapping<T extends { readonly seconds: number }>(steps: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const step of steps.toSorted((a, b) => a.seconds - b.seconds)) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && step.seconds - last[0].seconds < overlapSeconds) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

const settledSeconds = 10_000;
/** After these the absence of replicas is confirmed. */
const leastReviews = 2;
const patientReviews = 12;

/** Reviews often enough that nothing should stay open; when nothing is, more reviews change nothing. */
async function comeToRest(app: InMemoryApp): Promise<void> {
  for (let reviews = 0; reviews < patientReviews; reviews += 1) {
    if (reviews >= leastReviews && app.ledger.openEntries.length === 0) return;
    app.nowMs += hourMs;
    await app.process().review();
  }
}

async function wrongAnswers(history: History, app: InMemoryApp): Promise<string[]> {
  const wrong: string[] = [];
  if (app.ledger.openEntries.length > 0) wrong.push('something is open for ever');
  const one = app.process();
  for (const [reference, right] of rightAnswers(history)) {
    const answer = await one.ask(reference);
    if (answer?.state === 'deleted') wrong.push(...notGone(history, reference, answer));
    const answered = answer === undefined ? 'unknown' : `${answer.state} ${answer.image.id.digest}`;
    if (!right.includes(answered)) wrong.push(`${reference}: ${answered}, and not ${right.join(' or ')}`);
  }
  return wrong;
}

/** In the end every endpoint answers, and what is said of pulls is exact. */
async function wrongPulls(history: History, app: InMemoryApp, pullTruth: PullTruth): Promise<string[]> {
  if (history.pulls === undefined) return [];
  const one = app.process();
  const wrong: string[] = [];
  for (const reference of rightAnswers(history).keys()) {
    for (const closure of [false, true]) {
      const asked = { reference, closure, isHurried: false, seconds: 0 };
      wrong.push(...(await askForPull(one, asked, pullTruth)));
    }
  }
  return wrong;
}

/** When nothing is lost, each region told that it deleted a deleted image. */
function notGone(
  { isLossy, replicas }: History,
  reference: string,
  { gone = [] }: ReplicationAnswer,
): string[] {
  const isLeft = ({ region }: GoneState) =>
    regions.includes(region) && (region !== leaving || replicas.removedSeconds === undefined);
  const present = gone.filter((one) => isLeft(one) && one.state === 'present');
  // A digest whose tag is gone may be there under another one.
  const isTag = tags.includes(reference);
  return isLossy || isTag
    ? []
    : present.map(({ region }) => `${reference} is deleted, and present in ${region}`);
}

/**
 * Finds references with more signals than pushes. Each push under a tag leads to one signal at most, with its own id;
 * for a digest the pushes under all tags count.
 */
function wrongSignals({ actions }: History, all: readonly Signal[]): string[] {
  const replicated = all.filter(({ type }) => type === 'evenkeel.registry.replicated');
  const byReference = Map.groupBy(replicated, ({ data }) => `${data['tag']} ${data['digest']}`);
  return [...byReference].flatMap(([what, signals]) => {
    const pushes = actions.filter(
      ({ kind, tag, digest }) =>
        kind === 'push' && (what === `${tag ?? null} ${digest}` || what === `null ${digest}`),
    );
    return signals.length > pushes.length
      ? [`${what}: ${signals.length} signals, ${pushes.length} pushes`]
      : [];
  });
}

/** When nothing is lost, each tag's last push has its own verdict, also when the tag reverted with it. */
function missedVerdicts(history: History, app: InMemoryApp): string[] {
  if (history.isLossy) return [];
  return tags.flatMap((tag) => {
    const last = lastPush(history, tag);
    if (last === undefined) return [];
    const reference = app.ledger.image(idOf(last.digest))?.references.find((one) => one.tag === tag);
    if (reference?.replicatedAtMs === undefined) return [`the last push of ${tag} has no verdict`];
    const isFound = !last.isRevert || reference.revertedAtMs !== undefined;
    return isFound ? [] : [`${tag} reverted to ${last.digest}, and the revert was not found`];
  });
}
