import fc from 'fast-check';
import type { ManifestContents, NotAsked } from '../../../src/registries/ports.ts';
import type { Region } from '../../../src/registries/replica.ts';
import { d1, d2, d3 } from '../fixtures.ts';
import { type History, historyOf, type Span, someActions } from './history.ts';

/** Some time in which a region lacks a layer, config or child, although it has the manifest. */
export interface Absence extends Span {
  readonly region: Region;
  readonly part: string;
}

/** Some time in which the endpoint of a region does not answer. */
export interface Refusal extends Span {
  readonly region: Region;
  readonly kind: keyof typeof refusals;
}

export const refusals = {
  throttles: { kind: 'throttled', by: 'endpoint', retryAfterMs: 1_000 },
  refuses: { kind: 'unverified', reason: 'answered 403' },
  /** Every other call takes too long. */
  falters: { kind: 'unverified', reason: 'there was no answer in time' },
} as const satisfies Record<string, NotAsked>;

/** Somebody asks whether a pull would work. */
export interface PullQuestion {
  readonly seconds: number;
  readonly process: number;
  /** A tag or a digest. */
  readonly reference: string;
  readonly closure: boolean;
  /** Whether there is no time for anything but reading the ledger. */
  readonly isHurried: boolean;
  readonly crashAt: number | undefined;
}

/** What becomes of the parts of images, and what is asked of them. */
export interface Pulls {
  readonly absences: readonly Absence[];
  readonly refusals: readonly Refusal[];
  readonly questions: readonly PullQuestion[];
}

const c1 = 'sha256:child1';
const c2 = 'sha256:child2';
/** Two images that share a layer, and an index of two platforms, one of which shares it, too. */
export const contents: ReadonlyMap<string, ManifestContents> = new Map<string, ManifestContents>([
  [d1, { kind: 'image', blobs: ['config1', 'base', 'layer1'] }],
  [d2, { kind: 'image', blobs: ['config2', 'base'] }],
  [d3, { kind: 'index', children: [c1, c2] }],
  [c1, { kind: 'image', blobs: ['base', 'layer3'] }],
  [c2, { kind: 'image', blobs: ['layer4'] }],
]);

/** Everything that a pull takes beside the manifest of an image. @param closure whether platforms are asked for */
export function partsOf(digest: string, closure: boolean): readonly string[] {
  const found = contents.get(digest);
  if (found?.kind === 'image') return found.blobs;
  if (found?.kind !== 'index' || !closure) return [];
  return [...new Set(found.children.flatMap((child) => [child, ...partsOf(child, closure)]))];
}

const somePulls = fc.record({
  refusals: fc.array(
    fc.record({
      push: fc.nat(),
      kind: fc.constantFrom('falters', 'throttles', 'refuses'),
      after: fc.nat(900),
      lasting: fc.nat(900),
    }),
    { maxLength: 2 },
  ),
  inquiries: fc.array(
    fc.record({
      push: fc.nat(),
      after: fc.subarray([0, 5, 45, 200, 500, 700, 1300], { minLength: 1, maxLength: 3 }),
      /** Whether the same is asked after each push of the image to the region. */
      isRepeated: fc.boolean(),
      lacks: fc.option(
        fc.record({
          part: fc.nat(9),
          after: fc.oneof(fc.constant(0), fc.nat(500)),
          lasting: fc.constantFrom(40, 300, 900, 1e6),
        }),
        { nil: undefined, freq: 3 },
      ),
      process: fc.nat(2),
      byTag: fc.boolean(),
      closure: fc.boolean(),
      isHurried: fc.nat(9).map((roll) => roll === 9),
      crashAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 8 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** A history in which somebody asks whether pulls would work. */
const pullHistoryOf = (actions: typeof someActions): fc.Arbitrary<History> =>
  fc.tuple(historyOf(actions), somePulls).map(([history, drafts]) => {
    const pushes = history.arrivals.flatMap((arrival) => {
      const action = history.actions[arrival.action];
      return action?.kind === 'push' ? { ...action, ...arrival } : [];
    });
    const pick = (number: number) => pushes.slice(number % pushes.length).slice(0, 1);
    const absences: Absence[] = [];
    const questions: PullQuestion[] = [];
    for (const { push, after, isRepeated, lacks, byTag, ...asked } of drafts.inquiries) {
      for (const { region, digest, tag } of pick(push)) {
        const same = pushes.filter((one) => one.region === region && one.digest === digest);
        const asksAfter = isRepeated ? same : pick(push);
        const reference = (byTag ? tag : undefined) ?? digest;
        for (const { seconds } of asksAfter)
          questions.push(...after.map((later) => ({ ...asked, reference, seconds: seconds + later })));
        const parts = partsOf(digest, true);
        const [last] = asksAfter.toSorted((a, b) => b.seconds - a.seconds);
        if (lacks === undefined || last === undefined) continue;
        const part = parts[lacks.part % parts.length] ?? digest;
        absences.push({ region, part, ...spanAfter(last.seconds, lacks) });
      }
    }
    const refusals = drafts.refusals.flatMap(({ push, kind, ...span }) =>
      pick(push).map(({ region, seconds }) => ({ region, kind, ...spanAfter(seconds, span) })),
    );
    return { ...history, pulls: { absences, refusals, questions } };
  });

const again = (isDeletion: boolean, gap: number) => ({ isDeletion, digest: 0, tag: 'v1', gap });

/** An image is deleted and pushed again before what was seen of it is too old. */
export const aPullAfterDeletion: fc.Arbitrary<History> = pullHistoryOf(
  fc.constant([again(false, 5), again(true, 60), again(false, 60)]),
);

export const aPullHistory: fc.Arbitrary<History> = fc.oneof(pullHistoryOf(someActions), aPullAfterDeletion);

const spanAfter = (seconds: number, { after, lasting }: { after: number; lasting: number }): Span => ({
  from: seconds + after,
  to: seconds + after + lasting,
});
