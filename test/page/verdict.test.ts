import { describe, expect, it } from 'vitest';
import { emptyStatus, evenStatus } from '../../scripts/status-page/sample-status.ts';
import { type FetchProblem, fetchProblem } from '../../src/page/fetch-problem.ts';
import type { View } from '../../src/page/poller.ts';
import { currentVerdict, staleAfterMs, verdictOf } from '../../src/page/verdict.ts';
import { parseStatus, type StatusDocument } from '../../src/status/schema.ts';

function withProblems(codes: readonly string[], from: StatusDocument = evenStatus): StatusDocument {
  const problems = codes.map((code, index) => ({
    code,
    message: code,
    since: `2026-11-2${index}T00:00:00Z`,
  }));
  const status = parseStatus({ ...from, problems, even: problems.length === 0 });
  if (status === undefined) throw new Error('the page does not understand the sample');
  return status;
}

describe('the verdict', () => {
  it.each<[string, string[], StatusDocument, string, string]>([
    ['nothing configured', [], emptyStatus, 'empty', 'Nothing configured yet'],
    ['no problem', [], evenStatus, 'good', 'All good'],
    ['a problem', ['driftFound'], evenStatus, 'problems', '1 problem'],
    [
      'problems, and what is unknown',
      ['imageStalled', 'auditOverdue', 'replicaFlagged'],
      evenStatus,
      'problems',
      '2 problems, 1 blind spot',
    ],
    ['only what is unknown', ['auditOverdue'], evenStatus, 'unknown', 'Status unknown: 1 blind spot'],
    ['a bad setting, nothing configured', ['settingBad'], emptyStatus, 'problems', '1 problem'],
    ['a code that the page does not know', ['novelty'], evenStatus, 'problems', '1 problem'],
  ])('with %s', (_, codes, from, kind, headline) => {
    expect(verdictOf(withProblems(codes, from))).toMatchObject({ kind, headline });
  });

  it('has problems of a kind together, with the oldest time, and what is unknown last', () => {
    const { groups } = verdictOf(
      withProblems(['reviewOverdue', 'imageStalled', 'driftFound', 'imageStalled']),
    );
    expect(groups.map(({ title, since }) => [title, since])).toEqual([
      ['2 images are stalled', '2026-11-21T00:00:00Z'],
      ['DNS has drifted', '2026-11-22T00:00:00Z'],
      ['A registry review is overdue', '2026-11-20T00:00:00Z'],
    ]);
  });
});

describe('the verdict that is shown', () => {
  const status = withProblems([]);
  const view: View = {
    status,
    receivedAtMs: 0,
    failure: undefined,
    isPaused: false,
    isFetching: false,
    nextAtMs: 7_000,
  };
  const failed = (kind: FetchProblem['kind'], count = 1, isByHand = false): View => ({
    ...view,
    failure: { problem: fetchProblem(kind), sinceMs: 5_000, count, isByHand },
  });
  const young = staleAfterMs - 1;
  const good = { kind: 'good', headline: 'All good', failure: undefined, previous: undefined };
  const unknown = (headline: string) => ({
    kind: 'unknown',
    headline,
    previous: { headline: 'All good', receivedAtMs: 0 },
  });

  it.each<[string, View, number, object]>([
    ['young data', view, young, good],
    ['a request that failed this once', failed('unreachable'), young, good],
    [
      'two that failed',
      failed('unreachable', 2),
      young,
      unknown('Status unknown: the app cannot be reached'),
    ],
    [
      'one that failed for somebody who asked',
      failed('failed', 1, true),
      young,
      unknown('Status unknown: the app failed'),
    ],
    ['a refused key', failed('keyRefused'), young, unknown('Status unknown: the app refused the key')],
    ['an old failure', failed('timeout'), staleAfterMs, unknown('Status unknown: the app does not answer')],
    [
      'a page that is paused',
      { ...view, isPaused: true },
      staleAfterMs,
      unknown('Status unknown: the page is paused'),
    ],
    ['a page that was not in view', view, staleAfterMs, unknown('Status unknown: the page was not in view')],
    ['one that asks again', { ...view, isFetching: true }, staleAfterMs, unknown('Asking the app again…')],
  ])('with %s', (_, shown, nowMs, expected) => {
    expect(currentVerdict(shown, nowMs)).toMatchObject(expected);
  });

  it('is unknown before the first answer, and has no verdict from before', () => {
    const none = { ...view, status: undefined, receivedAtMs: undefined };
    expect(currentVerdict(none, 0)).toMatchObject({ kind: 'unknown', headline: 'Asking the app…' });
    const shown = currentVerdict({ ...none, failure: failed('unreachable').failure }, 0);
    expect(shown.headline).toBe('Status unknown: the app cannot be reached');
    expect(shown.previous).toBeUndefined();
  });
});
