import { at, hourMs, idOf } from '../fixtures.ts';
import { type AppProcess, InMemoryApp } from '../in-memory-app.ts';
import { CrashError } from '../in-memory-ledger.ts';
import { type Delivery, type History, type Review, regions } from './history.ts';
import { lastPush, rightAnswers, Truth } from './truth.ts';

/** Lets a history happen, and says what went wrong; nothing when all is right. */
export async function explore(history: History): Promise<string[]> {
  const wrong: string[] = [];
  const app = new InMemoryApp(regions, { manifests: (now) => new Truth(history, now) });
  const truth = new Truth(history, () => new Date(app.nowMs));
  const verdicts = new Set<string>();
  // By what a verdict was reached from; a deletion may well be told before the signal is out.
  app.ledger.onWrite = (image) => {
    for (const { id, type, data } of image.outbox) {
      if (type !== 'evenkeel.registry.replicated' || verdicts.has(id)) continue;
      verdicts.add(id);
      const digest = String(data['digest']);
      const tag = typeof data['tag'] === 'string' ? data['tag'] : undefined;
      const reference = image.references.find((one) => one.tag === tag);
      const sinceMs = Math.max(image.deletedAtMs ?? 0, reference?.revertedAtMs ?? 0);
      for (const region of regions) {
        const isThere = tag !== undefined && truth.content(region).tags.get(tag) === digest;
        if (!isThere && !truth.hasShown(region, digest, tag, sinceMs))
          wrong.push(`${tag ?? 'no tag'} ${digest} is said to be in ${region}, and is not`);
      }
    }
  };
  await perform(history, app);
  await comeToRest(app);
  const published = new Set(app.signals().map(({ id }) => id));
  for (const id of verdicts) if (!published.has(id)) wrong.push(`the verdict ${id} was never published`);
  wrong.push(...(await wrongAnswers(history, app)), ...wrongSignals(history, app), ...untold(history, app));
  return wrong;
}

/** A process of the app, until it crashes. */
interface Slot {
  readonly process: AppProcess;
  untilCrash: number;
}

async function perform({ deliveries, reviews, delays }: History, app: InMemoryApp): Promise<void> {
  const slots = new Map<number, Slot>();
  let calls = 0;
  const start = (number: number): Slot => {
    const before = async () => {
      calls += 1;
      for (let turns = delays[calls % delays.length] ?? 0; turns > 0; turns -= 1) await Promise.resolve();
      slot.untilCrash -= 1;
      if (slot.untilCrash > 0) return;
      if (slots.get(number) === slot) slots.delete(number);
      throw new CrashError('as the history has it');
    };
    const slot: Slot = { process: app.process({ before }), untilCrash: Number.POSITIVE_INFINITY };
    slots.set(number, slot);
    return slot;
  };
  const slotAt = (number: number, crashAt: number | undefined): Slot => {
    const slot = slots.get(number) ?? start(number);
    if (crashAt !== undefined) slot.untilCrash = Math.min(slot.untilCrash, crashAt);
    return slot;
  };
  const deliver = async ({ notice, process: number, crashAt, isSentAgain }: Delivery): Promise<void> => {
    try {
      await slotAt(number, crashAt).process.record(notice);
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      if (isSentAgain)
        await deliver({ notice, process: number, crashAt: undefined, isSentAgain, seconds: 0 });
    }
  };
  const review = async ({ process: number, crashAt }: Review): Promise<void> => {
    await slotAt(number, crashAt)
      .process.review()
      .catch((error: unknown) => {
        if (!(error instanceof CrashError)) throw error;
      });
  };
  const steps = [
    ...deliveries.map((delivery) => ({ seconds: delivery.seconds, take: () => deliver(delivery) })),
    ...reviews.map((one) => ({ seconds: one.seconds, take: () => review(one) })),
  ];
  for (const together of overlapping(steps)) {
    app.nowMs = at(Math.max(...together.map(({ seconds }) => seconds)));
    await Promise.all(together.map(({ take }) => take()));
  }
}

/** What comes within so many seconds is under way at the same time. */
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
const patientReviews = 12;

/** Reviews come until nothing is open. */
async function comeToRest(app: InMemoryApp): Promise<void> {
  app.nowMs = Math.max(app.nowMs, at(settledSeconds));
  for (let round = 0; round < patientReviews; round += 1) {
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
    const said = answer === undefined ? 'unknown' : `${answer.state} ${answer.image.id.digest}`;
    if (!right.includes(said)) wrong.push(`${reference}: ${said}, and not ${right.join(' or ')}`);
  }
  return wrong;
}

/**
 * Each push of an image under a tag can be said to be everywhere once, under an id of its own. What is said of its
 * digest goes by the pushes under all tags.
 */
function wrongSignals({ actions }: History, app: InMemoryApp): string[] {
  const told = Map.groupBy(app.signals(), ({ data }) => `${data['tag']} ${data['digest']}`);
  return [...told].flatMap(([what, signals]) => {
    const pushes = actions.filter(
      ({ kind, tag, digest }) =>
        kind === 'push' && (what === `${tag ?? null} ${digest}` || what === `null ${digest}`),
    );
    return signals.length > pushes.length
      ? [`${what}: ${signals.length} facts, ${pushes.length} pushes`]
      : [];
  });
}

/** Where nothing is lost, the tag's last push has a verdict of its own, also when the tag came back with it. */
function untold(history: History, app: InMemoryApp): string[] {
  const last = lastPush(history);
  if (last === undefined || history.isLossy) return [];
  const reference = app.ledger.image(idOf(last.digest))?.references.find(({ tag }) => tag === last.tag);
  if (reference?.replicatedAtMs === undefined) return [`the last push of ${last.tag} has no verdict`];
  const isTold = !last.isReturn || reference.revertedAtMs !== undefined;
  return isTold ? [] : [`${last.tag} came back to ${last.digest}, and nobody was told`];
}
