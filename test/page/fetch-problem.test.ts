import { describe, expect, it } from 'vitest';
import { fetchProblem, mayPass, problemOfAnswer } from '../../src/page/fetch-problem.ts';

describe('an answer that is no status document', () => {
  it.each([
    [0, true, false, 'signInExpired', 'Your sign-in has expired.'],
    [401, false, true, 'keyRefused', 'The app refused the key (401)'],
    [401, false, false, 'keyRefused', 'The app refused the key (401)'],
    [
      403,
      false,
      false,
      'blocked',
      '(403): the app is stopped, or it does not accept calls from this network',
    ],
    [404, false, false, 'notFound', 'There is no evenkeel at this address (404)'],
    [429, false, false, 'busy', 'refuses for now (429)'],
    [500, false, false, 'failed', 'The app failed while it answered (500).'],
    [503, false, true, 'unreadable', 'The app runs, but cannot read its status (503).'],
    [503, false, false, 'notRunning', 'The app is not running (503): it is starting'],
    [502, false, false, 'notRunning', 'The app is not running (502)'],
    [200, false, false, 'notData', 'What answered is not the app (200): it sent no data'],
    [
      200,
      false,
      true,
      'otherVersion',
      'This page does not understand the app’s answer: the two have different versions.',
    ],
    [418, false, true, 'notData', 'What answered is not the app (418)'],
  ] as const)(
    'with %i, a redirect: %j, JSON: %j, is told as %s',
    (status, isRedirect, isJson, kind, words) => {
      const problem = problemOfAnswer({ status, isRedirect, isJson });
      expect(problem.kind).toBe(kind);
      expect(problem.message).toContain(words);
      expect(problem.advice).toMatch(/^[A-Z].*\.$/);
    },
  );

  it('is what may pass, or what somebody has to do something about', () => {
    const kinds = ['unreachable', 'timeout', 'notRunning', 'failed', 'unreadable', 'busy'] as const;
    expect(kinds.every((kind) => mayPass(fetchProblem(kind)))).toBe(true);
    const lasting = ['keyRefused', 'blocked', 'notFound', 'notData', 'otherVersion', 'offline'] as const;
    expect(lasting.some((kind) => mayPass(fetchProblem(kind)))).toBe(false);
  });
});
