import colors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { frame } from '../../../../src/cli/commands/wait/live-progress.ts';
import { firstView, type View, viewAfter } from '../../../../src/cli/commands/wait/progress.ts';
import type { WaitCondition } from '../../../../src/cli/commands/wait/wait-condition.ts';
import { answer, conditionOf, otherDigest, replication } from './fixtures.ts';

const plain = colors.createColors(false);
const linesOf = (view: View, condition: Partial<WaitCondition> = {}, elapsedMs = 65_000) =>
  frame(view, conditionOf(condition), elapsedMs, plain).map((line) => line.map(([text]) => text).join(''));

describe('the display', () => {
  it('begins with the image and the time', () => {
    expect(linesOf(firstView, {}, 0)).toEqual(['myregistry/team/app:v1', '  0s of 10m 00s']);
  });

  it('shows what arrived, what is missing, and the estimate', () => {
    const image = replication('pending', ['eastus+webhook', 'southeastasia', 'westus!unverified'], {
      etaMs: 42_000,
    });
    expect(linesOf(viewAfter(firstView, answer(202, image)))).toEqual([
      'myregistry/team/app:v1  sha256:1a2b3c4d1a2b',
      '  1 of 3 regions · 1m 05s of 10m 00s · about 42s left',
      '  ✔ eastus         webhook',
      '  · southeastasia  waiting',
      '  · westus         unverified',
    ]);
  });

  it('shows only the named regions, a stall, and evidence that does not count', () => {
    const image = replication('stalled', ['eastus+webhook', 'westus']);
    const condition = { regions: ['eastus', 'westsu'], minEvidence: 'verified' } as const;
    expect(linesOf(viewAfter(firstView, answer(202, image)), condition)).toEqual([
      'myregistry/team/app:v1  sha256:1a2b3c4d1a2b',
      '  0 of 2 regions · stalled · 1m 05s of 10m 00s',
      '  · eastus  webhook, not verified yet',
      '  ? westsu  not expected by evenkeel',
    ]);
  });

  it.each([
    [404, '  1m 05s of 10m 00s · not seen by evenkeel yet'],
    [503, '  1m 05s of 10m 00s · the app answered 503'],
  ])('says why nothing is known after %i', (status, line) => {
    expect(linesOf(viewAfter(firstView, answer(status)))[1]).toBe(line);
  });

  it('shows which layers a region lacks, and why one could not be asked', () => {
    const image = replication('pending', ['eastus+pullable', 'westus+verified', 'westeurope!unverified']);
    const regions = image.regions.map((one) =>
      one.region === 'westus'
        ? { ...one, pullable: { checked: 4, missing: [otherDigest] } }
        : one.region === 'westeurope'
          ? { ...one, reason: 'answered 403' }
          : one,
    );
    const view = viewAfter(firstView, answer(202, { ...image, regions }));
    expect(linesOf(view, { minEvidence: 'pullable' }).slice(1)).toEqual([
      '  1 of 3 regions · 1m 05s of 10m 00s',
      '  ✔ eastus      pullable',
      '  · westus      lacks sha256:9f8e7d6c9f8e',
      '  · westeurope  unverified: answered 403',
    ]);
  });

  it('shows where an image still is that has to go', () => {
    const image = replication('deleted', ['eastus!gone', 'westus!present']);
    expect(linesOf(viewAfter(firstView, answer(202, image)), { gone: true }).slice(2)).toEqual([
      '  ✔ eastus  gone',
      '  · westus  still has it',
    ]);
  });
});
