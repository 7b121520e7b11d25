import { describe, expect, it } from 'vitest';
import { d1, hourMs, idOf, push, referenceOf } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { CrashError, type Hooks } from './in-memory-ledger.ts';

const regions = ['eastus', 'westeurope', 'westus'];
const pushes = regions.map((region, index) => push(1 + index, { region }));

/** Every region holds the image by the time that anybody asks. */
function aWorld(): InMemoryApp {
  const app = new InMemoryApp(regions);
  for (const region of regions) app.manifests.has(region, { v1: d1 });
  return app;
}

const crashAt = (number: number, when: keyof Hooks): Hooks => ({
  [when]: (operation: { number: number }) => {
    if (operation.number === number) throw new CrashError(`at operation ${number}`);
  },
});

/** Each notice to a new process; one of them crashes. Tells whether there was an operation to crash at. */
async function recordWithCrash(
  app: InMemoryApp,
  crashing: { readonly notice: number; readonly hooks: Hooks; readonly isSentAgain: boolean },
): Promise<boolean> {
  let crashed = false;
  for (const [index, notice] of pushes.entries()) {
    if (index !== crashing.notice) {
      await app.process().record(notice);
      continue;
    }
    const outcome = await app
      .process(crashing.hooks)
      .record(notice)
      .catch((error: unknown) => error);
    crashed = outcome instanceof CrashError;
    const told = app.ledger.image(idOf())?.references.flatMap(({ facts }) => facts) ?? [];
    const isStored = told.some(({ region }) => region === notice.region);
    if (!isStored) expect(outcome).toBeInstanceOf(CrashError);
    if (crashing.isSentAgain) await app.process().record(notice);
  }
  return crashed;
}

/** Reviews until nothing is open, as they come after the objective has passed. */
async function settle(app: InMemoryApp): Promise<void> {
  app.nowMs += hourMs;
  for (let round = 0; app.ledger.openEntries.length > 0; round += 1) {
    if (round > 5) throw new Error('the review does not come to an end');
    await app.process().review();
    app.nowMs += hourMs;
  }
}

const undisturbed = aWorld();
for (const notice of pushes) await undisturbed.process().record(notice);
const [expectedSignal] = undisturbed.signals();

describe.each([
  ['is not sent again', false],
  ['is sent again', true],
])('a push whose notice met a crash and %s', (_, isSentAgain) => {
  it.each(
    pushes.flatMap((_one, notice) =>
      (['before', 'after'] as const).map((when) => [notice + 1, when, notice] as const),
    ),
  )('is signalled all the same: notice %i, %s any of its operations', async (_number, when, notice) => {
    let crashes = 0;
    for (let operation = 1; operation <= 10; operation += 1) {
      const app = aWorld();
      const crashed = await recordWithCrash(app, { notice, hooks: crashAt(operation, when), isSentAgain });
      if (!crashed) break;
      crashes += 1;
      await settle(app);
      expect(app.signals().map(({ id }) => id)).toEqual([expectedSignal?.id]);
      expect(app.signals('evenkeel.registry.replicationStalled')).toEqual([]);
      expect(referenceOf(app.ledger.image(idOf())).replicatedAtMs).toBeDefined();
      expect(app.ledger.finishedEntries).toHaveLength(1);
    }
    // One read, and at least one write; the first notice also writes the index and the tag.
    expect(crashes).toBe([4, 2, 3][notice]);
  });
});

describe('a review that crashes', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its operations leaves what the next one needs',
    async (when) => {
      for (let operation = 1; operation <= 30; operation += 1) {
        const app = aWorld();
        for (const notice of pushes.slice(0, 2)) await app.process().record(notice);
        app.nowMs += hourMs;
        const reviewing = app.process(crashAt(operation, when));
        await reviewing.review().catch(() => {});
        await settle(app);
        expect(app.signals().map(({ id }) => id)).toEqual([expectedSignal?.id]);
        expect(app.ledger.finishedEntries).toHaveLength(1);
        if (reviewing.operations.length < operation) return;
      }
      throw new Error('the review does not come to an end');
    },
  );
});
