import { describe, expect, it } from 'vitest';
import {
  asksForSameRecords,
  type GroupAnswer,
  interpretGroup,
  type KnownGroup,
} from '../../src/dns/container-group.ts';

type Found = Extract<GroupAnswer, { kind: 'found' }>;
const found = (overrides: Partial<Found> = {}): Found => ({
  kind: 'found',
  provisioningState: 'Succeeded',
  state: 'Running',
  ipAddress: { type: 'Private', ip: '10.1.0.4' },
  hasNetwork: true,
  isFinished: false,
  tags: {},
  ...overrides,
});
const withoutAddress = (overrides: Partial<Found> = {}) =>
  found({ ipAddress: { type: 'Private', ip: undefined }, ...overrides });
const refused = (status: number, code?: string): GroupAnswer => ({ kind: 'refused', status, code });

describe('a container group', () => {
  it.each([
    ['ResourceNotFound', refused(404, 'ResourceNotFound')],
    ['ResourceGroupNotFound', refused(404, 'ResourceGroupNotFound')],
    ['resourcenotfound', refused(404, 'resourcenotfound')],
  ])('is gone when the answer is 404 %s', (_, answer) => {
    expect(interpretGroup(answer)).toEqual({ kind: 'unaddressed', reason: 'gone' });
  });

  it.each([
    refused(404),
    refused(404, 'NotFound'),
    refused(404, 'SubscriptionNotFound'),
    refused(404, 'InvalidResourceType'),
    refused(404, 'ResourceNotFoundX'),
    refused(401, 'ResourceNotFound'),
    refused(403, 'AuthorizationFailed'),
    refused(408),
    refused(410, 'ResourceNotFound'),
    refused(429, 'TooManyRequests'),
    refused(500),
    refused(503, 'ResourceNotFound'),
    refused(0),
  ])('is unknown, and never gone, when the answer is %j', (answer) => {
    expect(interpretGroup(answer)).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [refused(503, 'Busy'), 'the read was answered 503 Busy'],
    [refused(502), 'the read was answered 502 without a code'],
  ])('is unknown for a reason: %j', (answer, detail) => {
    expect(interpretGroup(answer)).toEqual({ kind: 'unknown', detail });
  });

  it.each(['Succeeded', 'Pending', 'Creating', 'Repairing', 'Failed', 'Unhealthy', 'Anything', undefined])(
    'has the address that is shown in provisioning state %s',
    (provisioningState) => {
      expect(interpretGroup(found({ provisioningState }))).toEqual({
        kind: 'addressed',
        address: '10.1.0.4',
        isRunning: true,
      });
    },
  );

  it('has the address that is shown while it is stopped, and does not run', () => {
    expect(interpretGroup(found({ state: 'Stopped' }))).toEqual({
      kind: 'addressed',
      address: '10.1.0.4',
      isRunning: false,
    });
  });

  it('has the address that is shown once its containers have ended, and does not run', () => {
    expect(interpretGroup(found({ isFinished: true }))).toMatchObject({
      address: '10.1.0.4',
      isRunning: false,
    });
  });

  it.each([
    'fd00::4',
    '10.1.0',
    '10.1.0.4/24',
    '10.1.0.256',
    ' 10.1.0.4',
    '0.0.0.0',
    '127.0.0.1',
    '169.254.0.4',
    '224.0.0.1',
    '255.255.255.255',
  ])('is unknown with the address "%s", which no container group can have', (ip) => {
    expect(interpretGroup(found({ ipAddress: { type: 'Private', ip } }))).toMatchObject({
      kind: 'unknown',
    });
  });

  it.each(['1.0.0.1', '126.0.0.1', '128.0.0.1', '169.253.0.1', '223.255.255.254'])(
    'has the address "%s", also where that is not one of RFC 1918',
    (ip) => {
      expect(interpretGroup(found({ ipAddress: { type: 'Private', ip } }))).toMatchObject({ address: ip });
    },
  );

  it.each([
    ['public with a public address', found({ ipAddress: { type: 'Public', ip: '20.1.2.3' } }), 'public'],
    [
      'public before it has a public address',
      found({ ipAddress: { type: 'public', ip: undefined } }),
      'public',
    ],
    ['stopped and shows none', withoutAddress({ state: 'Stopped' }), 'stopped'],
    ['stopped and failed', withoutAddress({ state: 'Stopped', provisioningState: 'Failed' }), 'stopped'],
    [
      'provisioned without address and subnet',
      found({ ipAddress: undefined, hasNetwork: false }),
      'noNetwork',
    ],
    [
      'repaired without address and network',
      found({ provisioningState: 'Repairing', ipAddress: undefined, hasNetwork: false }),
      'noNetwork',
    ],
  ])('needs no records when it is %s', (_, answer, reason) => {
    expect(interpretGroup(answer)).toEqual({ kind: 'unaddressed', reason });
  });

  it.each([
    ['pending', withoutAddress({ provisioningState: 'Pending' })],
    ['creating', withoutAddress({ provisioningState: 'Creating', state: undefined })],
    [
      'creating, without anything else yet',
      found({ provisioningState: 'Creating', ipAddress: undefined, hasNetwork: false }),
    ],
    ['repairing', withoutAddress({ provisioningState: 'repairing' })],
    ['updating', withoutAddress({ provisioningState: 'Updating' })],
    ['repairing in a network', found({ provisioningState: 'Repairing', ipAddress: undefined })],
    [
      'repairing although the instance view says stopped',
      withoutAddress({ provisioningState: 'Repairing', state: 'Stopped' }),
    ],
    ['provisioned in a subnet, its address not shown yet', withoutAddress()],
    ['provisioned in a subnet, without an IP configuration', found({ ipAddress: undefined })],
    ['provisioned with an IP configuration, without a subnet', withoutAddress({ hasNetwork: false })],
    ['provisioned with an empty address', found({ ipAddress: { type: 'Private', ip: '' } })],
  ])('is not ready while it is %s', (_, answer) => {
    expect(interpretGroup(answer)).toMatchObject({ kind: 'notReady' });
  });

  it.each(['Failed', 'Unhealthy', 'Canceled', undefined])(
    'is unknown without an address in provisioning state %s',
    (provisioningState) => {
      expect(interpretGroup(withoutAddress({ provisioningState }))).toMatchObject({ kind: 'unknown' });
    },
  );
});

describe('the tags of a container group', () => {
  const tags = { team: 'a' };
  it.each([
    ['are kept where it has an address', found({ tags }), tags],
    ['are kept where it needs no records', withoutAddress({ tags, state: 'Stopped' }), tags],
    ['say nothing where nothing is known of it', withoutAddress({ tags }), undefined],
    ['are not there where it has none', found(), undefined],
  ])('%s', (_, answer, kept) => {
    const live = interpretGroup(answer);
    expect('tags' in live ? live.tags : undefined).toEqual(kept);
  });

  it.each([
    [{ 'evenkeel:dns': 'off' }, true],
    [{ 'Evenkeel:DNS': ' Off ' }, true],
    [{ 'evenkeel:dns': 'on' }, false],
    [{ 'evenkeel:other': 'off' }, false],
  ])('%j: it wants no record sets: %s', (tags, isOut) => {
    const live = interpretGroup(found({ tags }));
    expect(live.kind === 'unaddressed' && live.reason === 'optedOut').toBe(isOut);
  });
});

describe('two looks at a container group', () => {
  const at = (address: string, isRunning = true): KnownGroup => ({ kind: 'addressed', address, isRunning });
  const gone: KnownGroup = { kind: 'unaddressed', reason: 'gone' };
  it.each<[KnownGroup, KnownGroup, boolean]>([
    [at('10.1.0.4'), at('10.1.0.4'), true],
    [at('10.1.0.4'), at('10.1.0.4', false), true],
    [at('10.1.0.4'), at('10.1.0.5'), false],
    [at('10.1.0.4'), gone, false],
    [gone, at('10.1.0.4'), false],
    [gone, { kind: 'unaddressed', reason: 'stopped' }, true],
  ])('%j and %j ask for the same records: %s', (a, b, same) => {
    expect(asksForSameRecords(a, b)).toBe(same);
  });
});
