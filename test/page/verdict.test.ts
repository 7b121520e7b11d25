import { describe, expect, it } from 'vitest';
import { emptyStatus, evenStatus } from '../../scripts/status-page/sample-status.ts';
import { shownVerdict, staleAfterMs } from '../../src/page/shown-verdict.ts';
import { parseStatus, type Status } from '../../src/page/status.ts';
import { verdictOf } from '../../src/page/verdict.ts';
import type { StatusDocument } from '../../src/status/status-document.ts';

function withProblems(codes: readonly string[], from: StatusDocument = evenStatus): Status {
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
    ['nothing configured', [], emptyStatus, 'empty', 'Nothing to look after yet'],
    ['no problem', [], evenStatus, 'even', 'Everything is even'],
    ['a problem', ['driftFound'], evenStatus, 'uneven', 'Not even: 1 problem'],
    [
      'problems, and what cannot be seen',
      ['imageStalled', 'auditOverdue', 'replicaFlagged'],
      evenStatus,
      'uneven',
      'Not even: 2 problems, and 1 thing that cannot be seen',
    ],
    ['only what cannot be seen', ['auditOverdue'], evenStatus, 'unseen', 'Not known: 1 thing cannot be seen'],
    ['a bad setting, nothing configured', ['settingBad'], emptyStatus, 'uneven', 'Not even: 1 problem'],
    ['a code that the page does not know', ['novelty'], evenStatus, 'uneven', 'Not even: 1 problem'],
  ])('with %s', (_, codes, from, kind, headline) => {
    expect(verdictOf(withProblems(codes, from))).toMatchObject({ kind, headline });
  });

  it('has problems of a kind together, with the oldest time, and what cannot be seen last', () => {
    const { groups } = verdictOf(
      withProblems(['reviewOverdue', 'imageStalled', 'driftFound', 'imageStalled']),
    );
    expect(groups.map(({ title, since }) => [title, since])).toEqual([
      ['2 images are stalled', '2026-11-21T00:00:00Z'],
      ['DNS has drifted', '2026-11-22T00:00:00Z'],
      ['The review of a registry is overdue', '2026-11-20T00:00:00Z'],
    ]);
  });
});

describe('the verdict that is shown', () => {
  const status = withProblems([]);
  const failure = { message: 'The app answered 500.', sinceMs: 5_000, times: 1 };
  const view = { isPaused: false, isAsking: false, nextAtMs: undefined };

  it('stays through a refresh that fails, as long as the data is young', () => {
    const shown = shownVerdict({ ...view, status, receivedAtMs: 0, failure }, staleAfterMs - 1);
    expect(shown).toMatchObject({ kind: 'even', headline: 'Everything is even', failure });
  });

  it('is not known once the data is old and the app does not answer, and says what was before', () => {
    const shown = shownVerdict({ ...view, status, receivedAtMs: 0, failure }, staleAfterMs);
    expect(shown).toMatchObject({
      kind: 'unseen',
      headline: 'Not known: the app does not answer',
      before: { headline: 'Everything is even' },
    });
  });

  it('stays with old data while nobody asks', () => {
    const shown = shownVerdict({ ...view, status, receivedAtMs: 0, failure: undefined }, 3_600_000);
    expect(shown.kind).toBe('even');
  });

  it('is not known before the first answer', () => {
    const none = { ...view, status: undefined, receivedAtMs: undefined };
    expect(shownVerdict({ ...none, failure: undefined }, 0)).toMatchObject({ headline: 'Asking the app' });
    expect(shownVerdict({ ...none, failure }, 0).headline).toBe('Not known: the app does not answer');
  });
});
