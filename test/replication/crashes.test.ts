import { describe, expect, it } from 'vitest';
import { d1, hourMs, idOf, push, referenceOf } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { CrashError, type Hooks } from './in-memory-ledger.ts';

const regions = ['eastus', 'westeurope', 'westus'];
const pushes = regions.map((region, index) => push(1 + index, { region }));

/** An app whose regional endpoints all have the image. */
function anApp(): InMemoryApp {
  const app = new InMemoryApp(regions);
  for (const region of regions) app.manifests.has(region, { v1: d1 });
  return app;
}

const crashAt = (number: number, when: keyof Hooks): Hooks => ({
  [when]: (operation: { number: number }) => {
    if (operation.number === number) throw new CrashError(`at operation ${number}`);
  },
});

/**
 * Sends each notification to a new process, one of which crashes.
 * @returns whether there was an operation to crash at.
 */
async function recordWithCrash(
  app: InMemoryApp,
  crashing: { readonly notification: number; readonly hooks: Hooks; readonly isSentAgain: boolean },
): Promise<boolean> {
  let crashed = false;
  for (const [index, notification] of pushes.entries()) {
    if (index !== crashing.notification) {
      await app.process().record(notification);
      continue;
    }
    const one = app.process(crashing.hooks);
    const outcome = await one.record(notification).catch((error: unknown) => error);
    crashed = one.hasCrashed;
    const stored = app.ledger.image(idOf())?.references.flatMap(({ facts }) => facts) ?? [];
    const isStored = stored.some(({ region }) => region === notification.region);
    if (!isStored) expect(outcome).toBeInstanceOf(CrashError);
    if (crashing.isSentAgain) await app.process().record(notification);
  }
  return crashed;
}

/** Reviews after the objective has passed, until nothing is open. */
async function reviewUntilFinished(app: InMemoryApp): Promise<void> {
  app.nowMs += hourMs;
  for (let reviews = 0; app.ledger.openEntries.length > 0; reviews += 1) {
    if (reviews > 5) throw new Error('the review does not come to an end');
    await app.process().review();
    app.nowMs += hourMs;
  }
}

const undisturbed = anApp();
for (const notification of pushes) await undisturbed.process().record(notification);
const [expectedSignal] = undisturbed.signals();

describe.each([
  ['is not sent again', false],
  ['is sent again', true],
])('a push whose notification met a crash and %s', (_, isSentAgain) => {
  it.each(
    pushes.flatMap((_one, notification) =>
      (['before', 'after'] as const).map((when) => [notification + 1, when, notification] as const),
    ),
  )('is signalled: notification %i, crash %s any of its operations', async (_number, when, notification) => {
    let crashes = 0;
    for (let operation = 1; operation <= 10; operation += 1) {
      const app = anApp();
      const crashed = await recordWithCrash(app, {
        notification,
        hooks: crashAt(operation, when),
        isSentAgain,
      });
      if (!crashed) break;
      crashes += 1;
      await reviewUntilFinished(app);
      expect(app.signals().map(({ id }) => id)).toEqual([expectedSignal?.id]);
      expect(app.signals('evenkeel.registry.replicationStalled')).toEqual([]);
      expect(referenceOf(app.ledger.image(idOf())).replicatedAtMs).toBeDefined();
      expect(app.ledger.finishedEntries).toHaveLength(1);
    }
    // One read, and at least one write; the first notification also writes the index and the tag.
    expect(crashes).toBe([4, 2, 3][notification]);
  });
});

describe('a review that crashes', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its operations leaves what the next review needs',
    async (when) => {
      for (let operation = 1; operation <= 30; operation += 1) {
        const app = anApp();
        for (const notification of pushes.slice(0, 2)) await app.process().record(notification);
        app.nowMs += hourMs;
        const reviewing = app.process(crashAt(operation, when));
        await reviewing.review().catch(() => {});
        await reviewUntilFinished(app);
        expect(app.signals().map(({ id }) => id)).toEqual([expectedSignal?.id]);
        expect(app.ledger.finishedEntries).toHaveLength(1);
        if (reviewing.operations.length < operation) return;
      }
      throw new Error('the review does not come to an end');
    },
  );
});
