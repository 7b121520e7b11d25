import { describe, expect, it } from 'vitest';
import { textProperties } from '../../src/azure/storage/entities.ts';
import { applyNotification } from '../../src/replication/apply-notification.ts';
import { boundImage } from '../../src/replication/bound-image.ts';
import type { Fact, Image } from '../../src/replication/image.ts';
import { encodeImage } from '../../src/replication/image-codec.ts';
import { withReplicatedVerdicts } from '../../src/replication/verdict.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { brokenLimit } from '../support/service-limits.ts';
import { anImage, aReference, at, deletion, fact, push, registry } from './fixtures.ts';

const regions = Array.from({ length: 25 }, (_, index) => `southeastasia${index}`);
const tags = Array.from({ length: 100 }, (_, index) => `release-2026.11.${index}`);

/** An image with some pushes of each of its tags to each region, both reported twice. */
function pushed(pushes: number): Image {
  const facts = Array.from({ length: pushes }, (_, number): Fact[] =>
    regions.flatMap((region) =>
      (['webhook', 'event'] as const).map((evidence) =>
        fact(region, number * 1000 + (evidence === 'event' ? 1 : 0), evidence),
      ),
    ),
  ).flat();
  return anImage({ references: tags.map((tag) => aReference({ tag, facts })) });
}

const entityOf = (image: Image) => ({
  partitionKey: 'p'.repeat(512),
  rowKey: 'r'.repeat(512),
  ...textProperties(encodeImage(image)),
});
const newestOf = (image: Image) =>
  new Map(image.references.map(({ tag, facts }) => [tag, Math.max(...facts.map(({ atMs }) => atMs))]));
const regionsOf = (image: Image) =>
  image.references.map(({ facts }) => new Set(facts.map((fact) => fact.region)));

describe('an image of 100 tags in 25 regions with seven pushes', () => {
  const image = pushed(7);
  const bounded = boundImage(image);

  it('is too large for an entity of the service, and then is not', () => {
    expect(brokenLimit(entityOf(image))).toBe('EntityTooLarge');
    expect(brokenLimit(entityOf(bounded))).toBeUndefined();
  });

  it('keeps the newest push of each tag, and every region that has it', () => {
    expect(newestOf(bounded)).toEqual(newestOf(image));
    expect(regionsOf(bounded)).toEqual(regionsOf(image));
  });

  it('keeps verdicts, deletions and signals', () => {
    const removed = applyNotification(image, deletion(1), at(8000));
    const before = 'image' in removed ? removed.image : image;
    const judged = withReplicatedVerdicts(before, () => regions, registry.id, at(9000));
    const after = boundImage(judged);
    expect(brokenLimit(entityOf(after))).toBeUndefined();
    const verdictsOf = ({ references }: Image) =>
      references.map(({ tag, replicatedAtMs }) => [tag, replicatedAtMs]);
    expect(verdictsOf(after)).toEqual(verdictsOf(judged));
    expect(after.deletions).toEqual(judged.deletions);
    expect(after.outbox).toEqual(judged.outbox);
  });
});

describe('bounding an image', () => {
  it('leaves a usual one as it is', () => {
    const effect = applyNotification(undefined, push(1), at(1));
    const image = 'image' in effect ? effect.image : undefined;
    expect(image && boundImage(image)).toBe(image);
  });

  it('takes the pushes of tags with a final verdict first', () => {
    const image = pushed(4);
    const [first, ...others] = image.references;
    const decided = { ...image, references: first ? [{ ...first, replicatedAtMs: at(1) }, ...others] : [] };
    const bounded = boundImage(decided, encodeImage(decided).length - 1);
    expect(bounded.references[0]?.facts.length).toBe(100);
    expect(bounded.references[1]?.facts.length).toBe(200);
  });

  it('gives up old tags with a final verdict last, and never an open one', () => {
    const image = pushed(1);
    const references = image.references.map((one, index) =>
      index % 2 === 0 ? { ...one, replicatedAtMs: at(1) } : one,
    );
    const bounded = boundImage({ ...image, references }, 110_000);
    const open = references.filter(({ replicatedAtMs }) => replicatedAtMs === undefined);
    expect(bounded.references).toEqual(
      expect.arrayContaining(open.map(({ tag }) => expect.objectContaining({ tag }))),
    );
    expect(bounded.references.length).toBeLessThan(references.length);
  });

  it('gives up that a tag was stalled once it is replicated, and no other signal', () => {
    const signalOf = (type: Signal['type'], subject: string): Signal => ({
      ...{ id: `${type} ${subject}`, type, source: registry.id, subject },
      data: { filler: 'x'.repeat(4_000) },
    });
    const outbox = [
      signalOf('evenkeel.registry.replicationStalled', 'team/app:v1'),
      signalOf('evenkeel.registry.replicationStalled', 'team/app:v2'),
      signalOf('evenkeel.registry.tagDiverged', 'team/app:v1'),
      signalOf('evenkeel.registry.replicated', 'team/app:v1'),
    ];
    const image = anImage({ references: [aReference({ facts: [fact('a', 1)] })], outbox });
    const size = encodeImage(image).length;
    expect(boundImage(image, size).outbox).toEqual(outbox);
    expect(boundImage(image, size - 1).outbox).toEqual(outbox.slice(1));
  });

  it('gives up no tag where the signals that it gave up were enough', () => {
    const references = tags.slice(0, 12).map((tag) => aReference({ tag, replicatedAtMs: at(1) }));
    const subject = 'team/app:v1';
    const outbox = (['replicationStalled', 'replicated'] as const).map(
      (type): Signal => ({
        ...{ id: type, type: `evenkeel.registry.${type}`, source: registry.id, subject, data: {} },
      }),
    );
    const image = anImage({ references, outbox });
    const after = { ...image, outbox: outbox.slice(1) };
    expect(boundImage(image, encodeImage(after).length)).toEqual(after);
  });

  it('keeps of each region what it told last and what was read there, however large that is', () => {
    const reported = [fact('a', 1), fact('a', 5), fact('a', 2, 'event'), fact('a', 7, 'event')];
    const read = [fact('a', 4, 'verified'), fact('a', 6, 'pullable')];
    const image = anImage({ references: [aReference({ facts: [...reported, ...read] })] });
    const left = boundImage(image, 1).references.flatMap(({ facts }) => facts);
    expect(left.toSorted((a, b) => a.atMs - b.atMs)).toEqual([
      fact('a', 6, 'pullable'),
      fact('a', 7, 'event'),
    ]);
  });

  it('gives up no more than it takes', () => {
    const image = pushed(4);
    const [first, ...others] = image.references;
    const decided = { ...image, references: first ? [{ ...first, supersededAtMs: at(1) }, ...others] : [] };
    const bounded = boundImage(decided, encodeImage(decided).length - 1);
    expect(boundImage(decided, encodeImage(bounded).length)).toEqual(bounded);
    expect(bounded.references.slice(1)).toEqual(others);
  });

  it.each([
    [1, 2, 3],
    [3, 1, 2],
    [2, 3, 1],
    [3, 2, 1],
  ])('keeps the newest push to a region, stored in the order %i, %i, %i', (...seconds) => {
    const facts = seconds.map((second) => fact('a', second));
    const bounded = boundImage(anImage({ references: [aReference({ facts })] }), 1);
    expect(bounded.references[0]?.facts).toEqual([fact('a', 3)]);
  });
});
