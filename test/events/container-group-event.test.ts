import { describe, expect, it } from 'vitest';
import { acceptContainerGroup } from '../../src/events/accept-container-group.ts';
import { parseContainerGroupEvent } from '../../src/events/container-group-event.ts';
import { lagMs } from '../../src/events/envelope.ts';
import { goodSetting } from '../../src/settings/setting.ts';
import { groupId, zones } from '../dns/fixtures.ts';
import { payload, personalData } from './payloads.ts';

const web = groupId('web');
const write = () => payload('resource-manager', 'container-group-write');
const drift = (data: object = {}) => ({ ...payload('evenkeel', 'drift-detected'), data });

describe('an event about a container group', () => {
  it.each([
    ['resource-manager', 'container-group-write'],
    ['resource-manager', 'container-group-delete'],
    ['resource-manager', 'container-group-restart'],
    ['resource-manager-cloudevents', 'container-group-write'],
  ])('is a reason to check it: %s/%s', (source, name) => {
    expect(parseContainerGroupEvent(payload(source, name))).toMatchObject({
      kind: 'containerGroup',
      group: { key: web.key, name: 'web', resourceGroup: 'rg-spoke-a' },
      hints: [],
      trigger: 'event',
    });
  });

  it.each(['Microsoft.Resources.ResourceWriteFailure', 'microsoft.resources.ResourceDeleteCancel'])(
    'is one whatever happened to the group, because its content is not trusted: %s',
    (eventType) => {
      expect(parseContainerGroupEvent({ ...write(), eventType }).kind).toBe('containerGroup');
    },
  );

  it('keeps its id and time', () => {
    expect(parseContainerGroupEvent(write())).toMatchObject({
      eventId: '0a4e5b6c-0001-4000-8000-1d2e3f4a5b6c',
      time: new Date('2026-11-21T11:59:58.611Z'),
    });
  });

  it('takes no addresses from Resource Manager', () => {
    const event = { ...write(), data: { addresses: ['10.1.0.9'] } };
    expect(parseContainerGroupEvent(event)).toMatchObject({ hints: [] });
  });

  it.each<[string, unknown]>([
    ['foreignEventType', { ...write(), eventType: 'Microsoft.ContainerRegistry.ImagePushed' }],
    ['foreignEventType', { ...write(), eventType: 'Contoso.Microsoft.Resources.Write' }],
    ['foreignEventType', { ...write(), eventType: 'evenkeel.dns.conflict' }],
    ['foreignProvider', payload('resource-manager', 'virtual-network-write')],
    ['foreignProvider', { ...write(), subject: '/subscriptions/s/resourceGroups/rg' }],
    ['foreignProvider', { ...drift(), subject: '/subscriptions/s/resourceGroups/rg' }],
    [
      'foreignProvider',
      { ...write(), subject: `${web.key.replace('containergroups', 'containergroupprofiles')}` },
    ],
    ['childResource', payload('resource-manager', 'container-exec')],
    ['childResource', { ...drift(), subject: `${web.key}/containers/web` }],
  ])('is ignored as %s', (reason, event) => {
    expect(parseContainerGroupEvent(event)).toMatchObject({ kind: 'ignored', reason });
  });

  it.each<[string, unknown]>([
    ['text', 'text'],
    ['nothing', undefined],
    ['an array', [write()]],
    ['one without a subject', { ...write(), subject: undefined }],
    ['one whose subject is no ARM id', { ...write(), subject: 'web' }],
    ['one whose subject is a tag', { ...drift(), subject: 'team/app:v1' }],
    ['one whose subject is a subscription', { ...write(), subject: '/subscriptions/s' }],
  ])('is malformed when it is %s', (_, event) => {
    expect(parseContainerGroupEvent(event).kind).toBe('malformed');
  });
});

describe('a drift event', () => {
  it('carries addresses as hints and has the audit as its trigger', () => {
    expect(parseContainerGroupEvent(payload('evenkeel', 'drift-detected'))).toMatchObject({
      kind: 'containerGroup',
      group: { key: web.key },
      hints: ['10.1.0.9'],
      trigger: 'audit',
    });
  });

  it('carries 16 hints at most, and IPv4 addresses only', () => {
    const addresses = ['fd00::1', 7, 'x', ...Array.from({ length: 20 }, (_, index) => `10.1.0.${index}`)];
    const event = parseContainerGroupEvent(drift({ addresses }));
    if (event.kind !== 'containerGroup') throw new Error(event.kind);
    expect(event.hints).toHaveLength(16);
    expect(event.hints[0]).toBe('10.1.0.0');
  });

  it.each([{}, { addresses: null }, { addresses: '10.1.0.9' }, { addresses: { 0: '10.1.0.9' } }])(
    'without readable hints has none: %j',
    (data) => {
      expect(parseContainerGroupEvent(drift(data))).toMatchObject({ kind: 'containerGroup', hints: [] });
    },
  );
});

describe('personal data of an event', () => {
  const lines: string[] = [];
  const write = (message: string, fields: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: write, warn: write, error: write };

  it.each(['container-group-write', 'container-group-restart', 'container-exec', 'virtual-network-write'])(
    'appears neither in the parsed %s nor in the log',
    (name) => {
      const event = payload('resource-manager', name);
      const nameless = { ...event, subject: 'nonsense' };
      const badId = { ...event, id: event['data'] };
      const said = [event, nameless, badId].flatMap((received) => [
        JSON.stringify(parseContainerGroupEvent(received)),
        JSON.stringify(acceptContainerGroup(received, goodSetting(zones), log)?.event ?? null),
      ]);
      expect(JSON.stringify(event)).toContain(personalData[0]);
      for (const text of personalData) expect([...said, ...lines].join('\n')).not.toContain(text);
    },
  );
});

describe('the lag of an event', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  it.each([
    ['2026-11-21T11:59:58.500Z', 1_500],
    ['2026-11-21T12:00:00Z', 0],
    ['2026-11-21T13:00:00Z', 0],
  ])('from %s is %d ms', (time, ms) => {
    expect(lagMs(new Date(time), now)).toBe(ms);
  });

  it('is none where the event tells no time', () => {
    expect(lagMs(undefined, now)).toBeNull();
  });
});
