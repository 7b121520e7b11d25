import { describe, expect, it } from 'vitest';
import { judge, type Outcome, type RetryPolicy } from '../../../local/azure/event-grid/retry-policy.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const webHook: RetryPolicy = {
  endpointType: 'WebHook',
  maxDeliveryAttempts: 30,
  timeToLiveMs: 1440 * minute,
};
const answered = (status: number): Outcome => ({ kind: 'answered', status });
const first = { attempts: 1, ageMs: 0 };

describe('after an attempt', () => {
  it.each([200, 201, 202, 203, 204])('the answer %i ends the delivery', (status) => {
    expect(judge(answered(status), webHook, first, 0)).toEqual({ kind: 'delivered' });
  });

  it.each([
    ['WebHook', 400],
    ['WebHook', 401],
    ['WebHook', 403],
    ['WebHook', 413],
    ['AzureFunction', 400],
    ['AzureFunction', 403],
    ['AzureFunction', 413],
  ] as const)('the answer of a %s with %i is final', (endpointType, status) => {
    expect(judge(answered(status), { ...webHook, endpointType }, first, 0)).toEqual({
      kind: 'deadLetter',
      reason: 'NotRetriable',
    });
  });

  it.each([
    ['WebHook', 205, 10 * second],
    ['WebHook', 302, 10 * second],
    ['WebHook', 404, 10 * second],
    ['WebHook', 408, 2 * minute],
    ['WebHook', 429, 10 * second],
    ['WebHook', 500, 10 * second],
    ['WebHook', 503, 30 * second],
    ['AzureFunction', 401, 5 * minute],
    ['AzureFunction', 404, 5 * minute],
    ['AzureFunction', 500, 10 * second],
  ] as const)(
    'after the answer of a %s with %i the next attempt waits %i ms',
    (endpointType, status, delayMs) => {
      expect(judge(answered(status), { ...webHook, endpointType }, first, 0)).toEqual({
        kind: 'retry',
        delayMs,
      });
    },
  );

  it.each<Outcome>([{ kind: 'timedOut' }, { kind: 'failed', error: 'x' }])('$kind is repeated', (outcome) => {
    expect(judge(outcome, webHook, first, 0)).toEqual({ kind: 'retry', delayMs: 10 * second });
  });

  it('the waits grow to 12 hours', () => {
    const delays = Array.from({ length: 11 }, (_, index) =>
      judge(answered(500), webHook, { attempts: index + 1, ageMs: 0 }, 0),
    ).map((verdict) => (verdict.kind === 'retry' ? verdict.delayMs : undefined));
    expect(delays).toEqual([
      10 * second,
      30 * second,
      minute,
      5 * minute,
      10 * minute,
      30 * minute,
      hour,
      3 * hour,
      6 * hour,
      12 * hour,
      12 * hour,
    ]);
  });

  it('a wait is random, but never shorter than scheduled', () => {
    expect(judge(answered(500), webHook, first, 0.999)).toEqual({ kind: 'retry', delayMs: 10_999 });
  });

  it('the last one allowed is the last', () => {
    const policy = { ...webHook, maxDeliveryAttempts: 3 };
    expect(judge(answered(500), policy, { attempts: 2, ageMs: 0 }, 0)).toMatchObject({ kind: 'retry' });
    expect(judge(answered(500), policy, { attempts: 3, ageMs: 0 }, 0)).toEqual({
      kind: 'deadLetter',
      reason: 'MaxDeliveryAttemptsExceeded',
    });
    expect(judge(answered(200), policy, { attempts: 3, ageMs: 0 }, 0)).toEqual({ kind: 'delivered' });
  });

  it('an event is given up when its next attempt would come after its time to live', () => {
    const policy = { ...webHook, timeToLiveMs: minute };
    expect(judge(answered(500), policy, { attempts: 1, ageMs: 50_000 }, 0)).toMatchObject({ kind: 'retry' });
    expect(judge(answered(500), policy, { attempts: 1, ageMs: 50_001 }, 0)).toEqual({
      kind: 'deadLetter',
      reason: 'TimeToLiveExceeded',
    });
  });
});
