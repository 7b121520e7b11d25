import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../../src/events/envelope.ts';
import { payload, personalData } from './payloads.ts';

const eventGrid = () => payload('resource-manager', 'container-group-write');
const cloudEvent = () => payload('resource-manager-cloudevents', 'container-group-write');
const without = (event: Record<string, unknown>, key: string) =>
  Object.fromEntries(Object.entries(event).filter(([name]) => name !== key));

describe('an envelope', () => {
  it('is the same in both schemas', () => {
    const parsed = parseEnvelope(eventGrid());
    expect(parsed).toMatchObject({
      kind: 'envelope',
      envelope: {
        id: '0a4e5b6c-0001-4000-8000-1d2e3f4a5b6c',
        type: 'Microsoft.Resources.ResourceWriteSuccess',
        time: new Date('2026-11-21T11:59:58.611Z'),
      },
    });
    expect(parseEnvelope(cloudEvent())).toEqual(parsed);
  });

  it.each([
    ['no time', undefined],
    ['an odd time', 'yesterday'],
    ['a time that is a number', 1732190400],
    ['a time that is null', null],
  ])('is accepted with %s, and its time is then unknown', (_, eventTime) => {
    const parsed = parseEnvelope({ ...eventGrid(), eventTime });
    expect(parsed).toMatchObject({ kind: 'envelope', envelope: { time: undefined } });
  });

  it('accepts a time that the host parsed into a date', () => {
    const eventTime = new Date('2026-11-21T12:00:00Z');
    expect(parseEnvelope({ ...eventGrid(), eventTime })).toMatchObject({ envelope: { time: eventTime } });
  });

  it.each([undefined, null, 'text', 7, []])('is accepted with the data %j, which count as empty', (data) => {
    const parsed = parseEnvelope({ ...eventGrid(), data });
    expect(parsed.kind).toBe('envelope');
  });

  it.each(['id', 'subject', 'eventType'])('in the Event Grid schema requires %s', (key) => {
    expect(parseEnvelope(without(eventGrid(), key))).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(new RegExp(`^${key}: expected .*, found nothing$`)),
    });
  });

  it.each(['id', 'type'])('in the CloudEvents schema requires %s', (key) => {
    expect(parseEnvelope(without(cloudEvent(), key))).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(new RegExp(`^${key}: expected .*, found nothing$`)),
    });
  });

  it.each(['id', 'subject', 'eventType'])('is malformed when %s is empty or no text', (key) => {
    expect(parseEnvelope({ ...eventGrid(), [key]: '' })).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(/found an empty string$/),
    });
    expect(parseEnvelope({ ...eventGrid(), [key]: 7 })).toMatchObject({
      kind: 'malformed',
      reason: `${key}: expected string, found number`,
    });
  });

  it.each(['0.3', '2.0', 1, null])('is malformed when the version of CloudEvents is %j', (specversion) => {
    expect(parseEnvelope({ ...cloudEvent(), specversion })).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(/^specversion: /),
    });
  });

  it.each([undefined, null, 'text', 7, true, []])('is malformed when the event is %j', (event) => {
    expect(parseEnvelope(event)).toMatchObject({ kind: 'malformed', eventId: undefined });
  });

  it('names the id of a malformed event that has one', () => {
    expect(parseEnvelope({ ...eventGrid(), subject: 7 })).toMatchObject({
      eventId: '0a4e5b6c-0001-4000-8000-1d2e3f4a5b6c',
    });
  });

  it('names no value of a malformed event, which may be personal data', () => {
    const said = JSON.stringify(parseEnvelope({ id: { name: personalData[0] }, subject: [personalData[1]] }));
    for (const text of personalData) expect(said).not.toContain(text);
  });
});
