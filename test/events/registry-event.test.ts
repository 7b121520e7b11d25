import { describe, expect, it } from 'vitest';
import { parseRegistryEvent } from '../../src/events/registry-event.ts';
import { payload, personalData } from './payloads.ts';

const arrivedAt = new Date('2026-11-21T22:00:00.000Z');
const parse = (value: unknown) => parseRegistryEvent(value, arrivedAt);
const event = (name = 'image-pushed') => payload('container-registry', name);
const withData = (data: object) => ({ ...event(), data: { ...Object(event()['data']), ...data } });

describe('an event of a registry', () => {
  it.each([
    ['container-registry', 'image-pushed'],
    ['container-registry-cloudevents', 'image-pushed'],
  ])('reports a push and the region that has it: %s', (source, name) => {
    expect(parse(payload(source, name))).toEqual({
      kind: 'notification',
      eventId: '831e1650-001e-001b-66ab-eeb76e069631',
      time: new Date('2026-11-21T21:39:47.654Z'),
      from: { topic: event()['topic'], host: 'myregistry.azurecr.io' },
      region: 'westus',
      report: {
        action: 'push',
        repository: 'team/app',
        digest: 'sha256:80f0d5c8786bb9e621a45ece0db56d11cdc624ad20da9fe62e9d25490f331d7d',
        tag: 'v1',
        at: new Date('2026-11-21T21:39:47.276Z'),
        impossibleTime: undefined,
        sizeBytes: 524,
      },
    });
  });

  it.each([
    ['image-pushed-without-location', 'push', undefined],
    ['image-pushed-to-connected-registry', 'push', undefined],
    ['image-deleted', 'delete', 'westus'],
    ['chart-pushed', 'push', 'westus'],
    ['chart-deleted', 'delete', 'westus'],
  ])('of the kind %s reports a %s in %s', (name, action, region) => {
    expect(parse(event(name))).toMatchObject({
      kind: 'notification',
      report: { action },
      region,
    });
  });

  it.each(['ImagePushed', 'microsoft.containerregistry.imagepushed'])(
    'may be of the type %s',
    (eventType) => {
      expect(parse({ ...event(), eventType })).toMatchObject({ report: { action: 'push' } });
    },
  );

  it.each([
    ['West US', 'westus'],
    ['EastUS', 'eastus'],
    ['', undefined],
    [null, undefined],
    [7, undefined],
    ['west/us', undefined],
  ])('with the location %j is about the region %s', (location, region) => {
    expect(parse(withData({ location }))).toMatchObject({ kind: 'notification', region });
  });

  it('says which registry it comes from: by its topic, and by the host that was pushed to', () => {
    const host = 'myregistry.azurecr.io';
    const topic = String(event()['topic']).replace('myregistry', 'OTHER');
    expect(parse({ ...event(), topic })).toMatchObject({ from: { topic, host } });
    for (const none of [undefined, '/subscriptions/s', 7]) {
      expect(parse({ ...event(), topic: none })).toMatchObject({ from: { topic: undefined, host } });
    }
  });

  it('needs no subject as a CloudEvent', () => {
    const cloudEvent = payload('container-registry-cloudevents', 'image-pushed');
    for (const subject of [undefined, null, '', 7]) {
      expect(parse({ ...cloudEvent, subject })).toEqual(parse(cloudEvent));
    }
  });

  it('has the time of its envelope when its data have none', () => {
    const at = new Date('2026-11-21T21:39:47.654Z');
    expect(parse(withData({ timestamp: undefined }))).toMatchObject({ report: { at } });
    const timestamp = '0001-01-01T00:00:00Z';
    const report = { at, impossibleTime: '0001-01-01T00:00:00.000Z' };
    expect(parse(withData({ timestamp }))).toMatchObject({ report });
    const never = { ...withData({ timestamp }), eventTime: timestamp };
    expect(parse(never)).toMatchObject({ report: { ...report, at: arrivedAt } });
  });

  it('is ignored when a connected registry removes an image from itself', () => {
    const deleted = event('image-deleted');
    const data = { ...Object(deleted['data']), connectedRegistry: { name: 'edge1' } };
    expect(parse({ ...deleted, data })).toMatchObject({
      kind: 'ignored',
      reason: 'connectedRegistry',
    });
    expect(parse(withData({ connectedRegistry: null }))).toMatchObject({ region: 'westus' });
  });

  it.each(['Microsoft.Resources.ResourceWriteSuccess', 'Contoso.ImagePushed', 'ImagePushedTwice', 'Pushed'])(
    'is ignored when it is of the type %s',
    (eventType) => {
      expect(parse({ ...event(), eventType })).toMatchObject({
        kind: 'ignored',
        reason: 'foreignEventType',
      });
    },
  );

  it.each<[string, unknown]>([
    ['event: expected a value, found nothing', undefined],
    ['subject: expected a value, found nothing', { ...event(), subject: undefined }],
    ['data: target: expected a value, found nothing', { ...event(), data: 'text' }],
    ['data: target.digest: expected a digest', withData({ target: { repository: 'a', digest: 'x' } })],
    ['topic: expected the ARM id', { ...withData({ request: undefined }), topic: undefined }],
    ['data: timestamp: expected a time', { ...withData({ timestamp: 'x' }), eventTime: 'x' }],
  ])('is malformed, %s', (reason, received) => {
    expect(parse(received)).toMatchObject({
      kind: 'malformed',
      reason: expect.stringContaining(reason),
    });
  });

  it('leaves out personal data', () => {
    const received = [event(), { ...event(), topic: 7 }, withData({ target: { digest: personalData[0] } })];
    const said = JSON.stringify(received.map((event) => parse(event)));
    expect(JSON.stringify(received)).toContain('Ada Example');
    for (const text of personalData) expect(said).not.toContain(text);
  });
});
