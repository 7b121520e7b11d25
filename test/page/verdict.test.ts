import { describe, expect, it } from 'vitest';
import { emptyStatus, evenStatus } from '../../scripts/status-page/sample-status.ts';
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
  const failure = { message: 'The app answered 500.', sinceMs: 5_000, count: 1 };
  const view = { isPaused: false, isFetching: false, nextAtMs: undefined };

  it('stays through a refresh that fails, as long as the data is young', () => {
    const shown = currentVerdict({ ...view, status, receivedAtMs: 0, failure }, staleAfterMs - 1);
    expect(shown).toMatchObject({ kind: 'good', headline: 'All good', failure });
  });

  it('is unknown once the data is old and the app does not answer, and says what was before', () => {
    const shown = currentVerdict({ ...view, status, receivedAtMs: 0, failure }, staleAfterMs);
    expect(shown).toMatchObject({
      kind: 'unknown',
      headline: 'Status unknown: the app is not responding',
      previous: { headline: 'All good' },
    });
  });

  it('stays with old data while nobody asks', () => {
    const shown = currentVerdict({ ...view, status, receivedAtMs: 0, failure: undefined }, 3_600_000);
    expect(shown.kind).toBe('good');
  });

  it('is unknown before the first answer', () => {
    const none = { ...view, status: undefined, receivedAtMs: undefined };
    expect(currentVerdict({ ...none, failure: undefined }, 0)).toMatchObject({ headline: 'Loading…' });
    expect(currentVerdict({ ...none, failure }, 0).headline).toBe(
      'Status unknown: the app is not responding',
    );
  });
});
