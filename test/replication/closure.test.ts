import { describe, expect, it } from 'vitest';
import { closureOf } from '../../src/replication/closure.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  d3,
  digestNumber,
  fact,
  idOf,
  noDeadline,
  registry,
} from './fixtures.ts';
import { InMemoryLedger } from './in-memory-ledger.ts';
import { ScriptedManifests } from './scripted-manifests.ts';

const regions = ['westus', 'eastus', 'uksouth'];

/** The images of an index, where the ledger knows that one of them is in eastus. */
async function closure(prepare: (manifests: ScriptedManifests) => void) {
  const all = new InMemoryLedger(() => new Date(at(0)));
  all.put(anImage({ id: idOf(d2), references: [aReference({ facts: [fact('eastus', 1)] })] }));
  const manifests = new ScriptedManifests();
  for (const region of regions) manifests.has(region, {}, [d1, d2, d3]);
  prepare(manifests);
  const { ledger } = all.process();
  const ports = { ledger, manifests };
  const found = await closureOf({ index: idOf(), regions, registry, ports, deadline: noDeadline });
  return { found, requests: manifests.requests };
}
const everywhere = { available: regions, missing: [], unverified: [] };

describe('the images of an index', () => {
  it('are complete when each region has them all, and are asked for where the ledger does not say so', async () => {
    const { found, requests } = await closure(({ parts }) =>
      parts.set(d1, { kind: 'index', children: [d2, d3] }),
    );
    expect(found).toEqual({
      complete: true,
      children: [
        { digest: d2, ...everywhere },
        { digest: d3, ...everywhere },
      ],
    });
    expect(requests).toHaveLength(5);
    expect(requests).not.toContain(`eastus ${d2}`);
  });

  it('are missing where an endpoint has none, and unverified where it does not say', async () => {
    const { found } = await closure((manifests) => {
      manifests.parts.set(d1, { kind: 'index', children: [d3] });
      manifests.regions.set('westus', { kind: 'unverified', reason: 'no answer' });
      manifests.has('eastus', {}, [d1]);
    });
    expect(found).toEqual({
      complete: false,
      children: [{ digest: d3, available: ['uksouth'], missing: ['eastus'], unverified: ['westus'] }],
    });
  });

  it('are named by the first region that answers', async () => {
    const { found } = await closure((manifests) => {
      const contents = manifests.contents.bind(manifests);
      manifests.parts.set(d1, { kind: 'index', children: [d3] });
      manifests.contents = async (...question) =>
        question[1] === 'westus' ? undefined : contents(...question);
    });
    expect(found?.children).toEqual([{ digest: d3, ...everywhere }]);
  });

  it('are none of an image of one platform', async () => {
    const { found } = await closure(({ parts }) => parts.set(d1, { kind: 'image', blobs: ['layer'] }));
    expect(found).toEqual({ complete: true, children: [] });
  });

  it('are unknown where no region gives the index', async () => {
    expect((await closure(() => {})).found).toBeUndefined();
  });

  it.each([
    [128, true],
    [129, false],
  ])('are complete up to 128 that are asked for: %i, %s', async (count, complete) => {
    const children = Array.from({ length: count }, (_, index) => digestNumber(index));
    const { found } = await closure((manifests) => {
      manifests.parts.set(d1, { kind: 'index', children });
      for (const region of regions) manifests.has(region, {}, children);
    });
    expect(found?.complete).toBe(complete);
    expect(found?.children).toHaveLength(128);
  });
});
