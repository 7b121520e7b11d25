import { expect, it } from 'vitest';
import { type Deadline, deadlineIn } from '../../src/lib/deadline.ts';
import type { BlobReader, ManifestReader } from '../../src/registries/ports.ts';
import type { Ledger, OpenPosition } from '../../src/replication/ledger.ts';
import { topicOutbox } from '../../src/replication/outbox.ts';
import { checkPull, pullMemory } from '../../src/replication/pull-check.ts';
import { imageStore } from '../../src/replication/store.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import { anImage, idOf, minuteMs, noLog, push, registry } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { InMemoryLedger } from './in-memory-ledger.ts';

simulateTime();

interface Hanging {
  readonly what: string;
  readonly endsMs: number;
  readonly says: RegExp;
  readonly make: () => Promise<unknown>;
}

const now = () => new Date();
const never = () => new Promise<never>(() => {});
/** A side that gives up when its time is over, and never before. */
const timeOf = ({ signal }: Deadline): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
const inItsTime = async (deadline: Deadline): Promise<never> => {
  await timeOf(deadline);
  throw deadline.signal.reason;
};
const noPageInTime = (deadline: Deadline): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: () => inItsTime(deadline) }),
});

/** An app by the simulated clock. */
function anApp(ledger: (ledger: Ledger) => Ledger = (same) => same): InMemoryApp {
  const app = new InMemoryApp(['eastus'], { ledger });
  return Object.defineProperty(app, 'nowMs', { get: () => Date.now() });
}

/** The review that a function runs every minute, once there is one image, which is everywhere. */
const reviewOver = (ledger: (ledger: Ledger) => Ledger) => async (): Promise<unknown> => {
  const one = anApp(ledger).process();
  await one.record(push(1, { region: 'eastus' }));
  return one.reviewAndForget();
};
const position: OpenPosition = { id: idOf(), generation: 1 };

const noLimit: Pick<ManifestReader & BlobReader, 'contents' | 'hasBlob'> = {
  contents: async () => ({ kind: 'image', blobs: ['blob'] }),
  hasBlob: async () => ({ kind: 'present' }),
};

/** What one check of a pull ends with, and how often it asked. */
async function check(deadlineMs: number, sides: Partial<typeof noLimit>): Promise<string> {
  let asked = 0;
  const counted =
    <A extends readonly unknown[], R>(ask: (...given: A) => R) =>
    (...given: A) => {
      asked += 1;
      return ask(...given);
    };
  const { contents = noLimit.contents, hasBlob = noLimit.hasBlob } = sides;
  const ports = {
    manifests: {
      head: never,
      confirmAbsence: never,
      contents: counted(contents),
    },
    blobs: { hasBlob: counted(hasBlob) },
    pulls: pullMemory(),
    now,
  };
  const regions = new Map(['eastus', 'westus'].map((region) => [region, 0]));
  const question = { image: idOf(), regions, closure: true, registry };
  const { states } = await checkPull(question, ports, deadlineIn(deadlineMs));
  return `${asked} asked, ${states.size} regions`;
}

const noBlobInTime: BlobReader['hasBlob'] = async (_registry, _region, _repository, _digest, deadline) => {
  await timeOf(deadline);
  return { kind: 'unverified', reason: 'no answer' };
};
const noManifestInTime: ManifestReader['contents'] = async (
  _registry,
  _region,
  _repository,
  _digest,
  deadline,
) => {
  await timeOf(deadline);
  return undefined;
};

const signal: Signal = {
  ...{ id: 'one', type: 'evenkeel.registry.replicated', source: registry.id, subject: 'team/app:v1' },
  data: {},
};

const rows: readonly Hanging[] = [
  {
    ...{ what: 'the topic', endsMs: 3_000, says: /^team\/app, 1 held back$/ },
    make: async () => {
      const { ledger } = new InMemoryLedger(now).process();
      const store = imageStore({ ledger, now, sleep: async () => {}, random: () => 0 });
      const outbox = topicOutbox({ store, publisher: { publish: never }, now, onPublished: () => {} });
      const stored = await ledger.images.insert(anImage({ outbox: [signal] }), deadlineIn(minuteMs));
      const { image } = await outbox.flush(stored, deadlineIn(3_000), noLog);
      return `${image.id.repository}, ${image.outbox.length} held back`;
    },
  },
  {
    ...{ what: 'a layer, where little time is left', endsMs: 3_000, says: /^3 asked, 2 regions$/ },
    make: () => check(3_000, { hasBlob: noBlobInTime }),
  },
  {
    ...{ what: 'a layer', endsMs: 8_000, says: /^3 asked, 2 regions$/ },
    make: () => check(minuteMs, { hasBlob: noBlobInTime }),
  },
  {
    // The second region is not asked for what the first one did not give in all the time.
    ...{ what: 'a manifest', endsMs: 8_000, says: /^1 asked, 2 regions$/ },
    make: () => check(minuteMs, { contents: noManifestInTime }),
  },
  {
    // The next look would come half a second after the last one.
    ...{ what: 'the rest of an image', endsMs: 700, says: /"status":202/ },
    make: async () => {
      const one = anApp().process();
      await one.record(push(1, { region: 'westus' }));
      return (await one.question('v1', { waitMs: 700 }))?.answer;
    },
  },
  {
    ...{ what: 'the images of a review', endsMs: 40_000, says: /"complete":false/ },
    make: reviewOver((ledger) => ({ ...ledger, open: { ...ledger.open, pages: noPageInTime } })),
  },
  {
    ...{ what: 'the finished images of a review', endsMs: 8_000, says: /^TimeoutError: / },
    make: reviewOver((ledger) => ({
      ...ledger,
      finished: { ...ledger.finished, add: (_, deadline) => inItsTime(deadline) },
    })),
  },
  {
    ...{ what: 'where the next review begins', endsMs: 8_000, says: /"complete":true/ },
    make: reviewOver((ledger) => ({
      ...ledger,
      open: {
        ...ledger.open,
        readPosition: async () => position,
        writePosition: (_, deadline) => inItsTime(deadline),
      },
    })),
  },
  {
    ...{ what: 'the images that are forgotten', endsMs: 10_000, says: /^TimeoutError: / },
    make: reviewOver((ledger) => ({
      ...ledger,
      finished: { ...ledger.finished, pagesBefore: (_, deadline) => noPageInTime(deadline) },
    })),
  },
];

it.each(rows)('$what may hang for $endsMs ms', async ({ make, endsMs, says }) => {
  const [end] = await endings([{ work: make() }]);
  expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
});
