import { at, hourMs, idOf } from '../fixtures.ts';
import { InMemoryApp } from '../in-memory-app.ts';
import { CrashError, type Hooks } from '../in-memory-ledger.ts';
import { type Delivery, type History, type Review, regions } from './history.ts';
import { rightAnswers, Truth } from './truth.ts';

/** Lets a history happen, and says what went wrong; nothing when all is right. */
export async function explore(history: History): Promise<string[]> {
  const wrong: string[] = [];
  const app = new InMemoryApp(regions, { manifests: (now) => new Truth(history, now) });
  const truth = new Truth(history, () => new Date(app.nowMs));
  const verdicts = new Set<string>();
  app.ledger.onWrite = ({ outbox }) => {
    for (const { id, type } of outbox) if (type === 'evenkeel.registry.replicated') verdicts.add(id);
  };
  app.onPublish = (signals) => {
    for (const { type, data } of signals) {
      if (type !== 'evenkeel.registry.replicated') continue;
      const digest = String(data['digest']);
      const tag = typeof data['tag'] === 'string' ? data['tag'] : undefined;
      const image = app.ledger.image(idOf(digest));
      const reference = image?.references.find((one) => one.tag === tag);
      const sinceMs = Math.max(image?.deletedAtMs ?? 0, reference?.returnedAtMs ?? 0);
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
  wrong.push(...(await wrongAnswers(history, app)), ...wrongSignals(history, app));
  return wrong;
}

async function perform({ deliveries, reviews }: History, app: InMemoryApp): Promise<void> {
  const processes: ReturnType<InMemoryApp['process']>[] = [];
  const processAt = (number: number) => (processes[number] ??= app.process(hooks));
  let untilCrash = Number.POSITIVE_INFINITY;
  const hooks: Hooks = {
    before: () => {
      untilCrash -= 1;
      if (untilCrash <= 0) throw new CrashError('as the history has it');
    },
  };
  /** @returns whether the process survived. */
  const run = async (number: number, crashAt: number | undefined, step: () => Promise<unknown>) => {
    untilCrash = crashAt ?? Number.POSITIVE_INFINITY;
    // What a review cannot do for one image it tells in the end, so that an error does not say whether it crashed.
    const outcome = await step().catch((error: unknown) => error);
    const hasCrashed = untilCrash <= 0;
    untilCrash = Number.POSITIVE_INFINITY;
    if (hasCrashed) delete processes[number];
    else if (outcome instanceof Error) throw outcome;
    return !hasCrashed;
  };
  const deliver = async ({ notice, process, crashAt, isSentAgain }: Delivery) => {
    const isStored = await run(process, crashAt, () => processAt(process).record(notice));
    if (!isStored && isSentAgain) await processAt(process).record(notice);
  };
  const review = ({ process, crashAt }: Review) => run(process, crashAt, () => processAt(process).review());
  const steps = [
    ...deliveries.map((delivery) => ({ seconds: delivery.seconds, take: () => deliver(delivery) })),
    ...reviews.map((one) => ({ seconds: one.seconds, take: () => review(one) })),
  ].sort((a, b) => a.seconds - b.seconds);
  for (const { seconds, take } of steps) {
    app.nowMs = at(seconds);
    await take();
  }
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

/** Each push of an image under a tag can be said to be everywhere once, under an id of its own. */
function wrongSignals({ actions }: History, app: InMemoryApp): string[] {
  const told = Map.groupBy(app.signals(), ({ data }) => `${data['tag']} ${data['digest']}`);
  return [...told].flatMap(([what, signals]) => {
    const pushes = actions.filter(
      ({ kind, tag, digest }) => kind === 'push' && `${tag ?? null} ${digest}` === what,
    );
    return signals.length > pushes.length
      ? [`${what}: ${signals.length} facts, ${pushes.length} pushes`]
      : [];
  });
}
