import { describe, expect, it } from 'vitest';
import { digestFacts } from '../../src/replication/image.ts';
import { decodeNotice, encodeNotice, noticeIdentity, seenImage } from '../../src/replication/notice.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { anImage, aReference, at, deletion, fact, idOf, push } from './fixtures.ts';

const noticeOf = (notification: Notification, seconds = 9) => ({ notification, receivedAtMs: at(seconds) });

describe('a notice', () => {
  it.each<[what: string, notification: Notification]>([
    ['a push', push(1)],
    ['a push by digest', push(1, { tag: undefined, evidence: 'event' })],
    ['a push without a region', push(1, { region: undefined })],
    ['a deletion', deletion(2, undefined, 'westus')],
    ['a deletion without a region', deletion(2)],
  ])('of %s is read as it was written', (_, notification) => {
    expect(decodeNotice(idOf(), encodeNotice(noticeOf(notification)))).toEqual(noticeOf(notification));
  });

  it.each(['', '{}', '{"receivedAtMs":1,"notification":{"kind":"push"}}'])('cannot be read of %j', (text) => {
    expect(() => decodeNotice(idOf(), text)).toThrow('a notification beside it');
  });

  it('is the same however often it was received, and no other', () => {
    expect(noticeIdentity(noticeOf(push(1), 9))).toBe(noticeIdentity(noticeOf(push(1), 10)));
    expect(noticeIdentity(noticeOf(push(1)))).not.toBe(noticeIdentity(noticeOf(push(2))));
  });
});

describe('an image with notices beside it', () => {
  const image = anImage({ references: [aReference({ facts: [fact('eastus', 1)] })] });
  const seen = (...notifications: readonly Notification[]) =>
    seenImage({ image, version: '1', notices: notifications.map((one) => noticeOf(one)) });

  it('is seen with what they say, in their order', () => {
    expect(digestFacts(seen(push(2, { region: 'westus' }), deletion(1))).map(({ region }) => region)).toEqual(
      ['westus'],
    );
  });

  it('is the same where they say nothing new', () => {
    expect(seen(push(1))).toBe(image);
  });
});
