import { describe, expect, it } from 'vitest';
import { parseDeadLetters, targetFunction } from '../../../../src/cli/commands/replay/dead-letter.ts';

const event = {
  id: '1',
  topic: '/t',
  subject: '/s',
  eventType: 'T',
  eventTime: '2026-03-04T05:30:00Z',
  data: { a: 1 },
};
const cloud = { specversion: '1.0', id: '1', source: '/t', subject: '/s', type: 'T', data: {} };

describe('a dead letter', () => {
  it('gives back the event as it was', () => {
    const added = {
      deadLetterReason: 'MaxDeliveryAttemptsExceeded',
      deliveryAttempts: 1,
      lastDeliveryOutcome: 'NotFound',
      lastHttpStatusCode: 404,
      publishTime: '2026-03-04T05:30:01Z',
      lastDeliveryAttemptTime: '2026-03-04T05:30:02Z',
    };
    expect(parseDeadLetters([{ ...event, ...added }])).toEqual([
      {
        event,
        isCloudEvent: false,
        type: 'T',
        subject: '/s',
        reason: 'MaxDeliveryAttemptsExceeded',
        outcome: 'NotFound',
        publishedAt: new Date('2026-03-04T05:30:01Z'),
      },
    ]);
  });

  it('is a CloudEvent whose attributes Event Grid wrote in lower case', () => {
    const added = {
      deadletterreason: 'TimeToLiveExceeded',
      deliveryattempts: 3,
      lastdeliveryoutcome: 'Busy',
    };
    expect(parseDeadLetters([{ ...cloud, ...added }])).toMatchObject([
      { event: cloud, isCloudEvent: true, type: 'T', reason: 'TimeToLiveExceeded', publishedAt: undefined },
    ]);
  });

  it.each([undefined, {}, ['x'], 'text'])('is not %j', (json) => {
    expect(parseDeadLetters(json)).toBeUndefined();
  });
});

describe('the function that missed', () => {
  it.each([
    ['Microsoft.Resources.ResourceWriteSuccess', 'EVENKEEL-RECONCILE-ABC', 'reconcileDns'],
    ['Microsoft.Resources.ResourceActionSuccess', 'EVENKEEL-TRACK-ABC', 'trackIpDrift'],
    ['evenkeel.dns.driftDetected', 'EVENKEEL-REPAIR', 'reconcileDns'],
    ['Microsoft.ContainerRegistry.ImagePushed', 'EVENKEEL-IMAGES-ABC', 'receiveRegistryEvent'],
    ['Microsoft.Storage.BlobCreated', 'OTHER', undefined],
    ['evenkeel.registry.replicated', 'PIPELINE', undefined],
  ])('%s of %s is %s', (type, subscription, expected) => {
    expect(targetFunction(type, subscription)).toBe(expected);
  });
});
