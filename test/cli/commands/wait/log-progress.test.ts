import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../src/cli/commands/wait/answer.ts';
import { changes } from '../../../../src/cli/commands/wait/log-progress.ts';
import { firstView, viewAfter } from '../../../../src/cli/commands/wait/progress.ts';
import type { WaitCondition } from '../../../../src/cli/commands/wait/wait-condition.ts';
import { answer, conditionOf, otherDigest, region, replication } from './fixtures.ts';

/** The lines after each answer. */
function linesOf(
  answers: readonly Answer[],
  condition: Partial<WaitCondition> = {},
): readonly (readonly string[])[] {
  let view = firstView;
  return answers.map((next) => {
    const before = view;
    view = viewAfter(before, next);
    return changes(before, view, conditionOf(condition));
  });
}
const pending = (regions: readonly string[], more = {}) => answer(202, replication('pending', regions, more));

describe('a log tells', () => {
  it('of each region once, as it arrives', () => {
    expect(
      linesOf([
        pending(['eastus', 'westus']),
        pending(['eastus+webhook', 'westus']),
        pending(['eastus+webhook', 'westus']),
        answer(200, replication('replicated', ['eastus+webhook', 'westus+event'])),
      ]),
    ).toEqual([
      ['seen as sha256:1a2b3c4d1a2b'],
      ['eastus has it (webhook), 1 of 2'],
      [],
      ['westus has it (event), 2 of 2'],
    ]);
  });

  it('of several regions at once, and counts to each', () => {
    expect(
      linesOf([
        pending(['eastus+webhook', 'westus', 'westeurope', 'uksouth']),
        answer(
          200,
          replication(
            'replicated',
            ['eastus', 'westus', 'westeurope', 'uksouth'].map((one) => `${one}+webhook`),
          ),
        ),
      ])[1],
    ).toEqual([
      'westus has it (webhook), 2 of 4',
      'westeurope has it (webhook), 3 of 4',
      'uksouth has it (webhook), 4 of 4',
    ]);
  });

  it('of an image that nobody has seen, and then of all that is known of it', () => {
    expect(linesOf([answer(404), answer(404), pending(['eastus+webhook', 'westus!unverified'])])).toEqual([
      ['not seen by evenkeel yet'],
      [],
      ['seen as sha256:1a2b3c4d1a2b', 'eastus has it (webhook), 1 of 2', 'westus unverified, 1 of 2'],
    ]);
  });

  it('of an app that is away, once a reason, and of its return', () => {
    expect(
      linesOf([answer(503), answer(503), answer(500), answer(404), answer(503), pending(['eastus'])]),
    ).toEqual([
      ['the app answered 503; trying again'],
      [],
      ['the app answered 500; trying again'],
      ['the app answers again', 'not seen by evenkeel yet'],
      ['the app answered 503; trying again'],
      ['the app answers again', 'seen as sha256:1a2b3c4d1a2b'],
    ]);
  });

  it('of a tag that moved on, whose regions begin anew', () => {
    expect(
      linesOf([pending(['eastus+webhook']), pending(['eastus+webhook'], { digest: otherDigest })]),
    ).toEqual([
      ['seen as sha256:1a2b3c4d1a2b', 'eastus has it (webhook), 1 of 1'],
      ['now resolves to sha256:9f8e7d6c9f8e', 'eastus has it (webhook), 1 of 1'],
    ]);
  });

  it('of evidence that is too weak, and of better', () => {
    expect(
      linesOf([pending(['eastus+webhook']), pending(['eastus+verified'])], { minEvidence: 'verified' })[1],
    ).toEqual(['eastus has it (verified), 1 of 1']);
    expect(linesOf([pending(['eastus+webhook'])], { minEvidence: 'verified' })[0]).toContain(
      'eastus: webhook, not verified yet, 0 of 1',
    );
  });

  it('of the named regions only, and of those that evenkeel does not expect', () => {
    expect(
      linesOf([pending(['eastus+webhook', 'westus+webhook'])], { regions: ['westus', 'westsu'] }),
    ).toEqual([
      ['seen as sha256:1a2b3c4d1a2b', 'westus has it (webhook), 1 of 2', 'not expected by evenkeel: westsu'],
    ]);
  });

  it('of a stall, once', () => {
    const stalled = answer(202, replication('stalled', ['eastus']));
    expect(linesOf([pending(['eastus']), stalled, stalled])).toEqual([
      ['seen as sha256:1a2b3c4d1a2b'],
      ['stalled: its objective has passed'],
      [],
    ]);
  });

  it('of layers that a region lacks, and of their arrival', () => {
    const lacking = { ...region('eastus+verified'), pullable: { checked: 3, missing: [otherDigest] } };
    expect(
      linesOf(
        [answer(202, { ...replication('pending', []), regions: [lacking] }), pending(['eastus+pullable'])],
        {
          minEvidence: 'pullable',
        },
      ),
    ).toEqual([
      ['seen as sha256:1a2b3c4d1a2b', 'eastus: lacks sha256:9f8e7d6c9f8e, 0 of 1'],
      ['eastus has it (pullable), 1 of 1'],
    ]);
  });

  it('of each region that an image is gone from', () => {
    const leaving = (regions: readonly string[]) => answer(202, replication('deleted', regions));
    expect(
      linesOf([leaving(['eastus!present', 'westus!gone']), leaving(['eastus!gone', 'westus!gone'])], {
        gone: true,
      }),
    ).toEqual([
      ['seen as sha256:1a2b3c4d1a2b', 'eastus still has it, 0 of 2', 'gone from westus, 1 of 2'],
      ['gone from eastus, 2 of 2'],
    ]);
  });
});
