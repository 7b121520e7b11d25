import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { receiveRegistryEvent } from '../../src/functions/receive-registry-event.ts';
import { StateUnavailableError } from '../../src/lib/errors.ts';
import type { Registry } from '../../src/registries/registry.ts';
import { payload, personalData } from '../events/payloads.ts';
import {
  configOf,
  fakeNotifications,
  finderOf,
  invocation,
  registryId,
} from '../support/fake-notifications.ts';

// A day after the payloads.
beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const myregistry = { id: registryId('myregistry') };
const pushed = () => payload('container-registry', 'image-pushed');
const inRegion = (location: string) => ({ ...pushed(), data: { ...Object(pushed()['data']), location } });

interface Environment {
  readonly config?: Config;
  readonly fakes?: ReturnType<typeof fakeNotifications>;
  readonly loginServers?: (registry: Registry) => string | undefined;
}

async function deliver(event: unknown, env: Environment = {}) {
  const { config = configOf([myregistry]), fakes = fakeNotifications() } = env;
  const { context, lines } = invocation();
  // The host hands over whatever the event holds.
  const handler = v.parse(
    v.function(),
    receiveRegistryEvent(finderOf(config, env.loginServers), async () => fakes.ports),
  );
  const error = await Promise.resolve()
    .then(() => handler(event, context))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  return { error, lines, recorded: fakes.recorded };
}

describe('receiveRegistryEvent', () => {
  it.each(['container-registry', 'container-registry-cloudevents'])(
    'records a push in the region of the event, and logs it once: %s',
    async (source) => {
      const { error, lines, recorded } = await deliver(payload(source, 'image-pushed'));
      expect(error).toBeUndefined();
      expect(recorded).toMatchObject([
        { kind: 'push', to: myregistry.id, region: 'westus', evidence: 'event', tag: 'v1' },
      ]);
      expect(lines).toEqual([
        expect.stringMatching(/^information registry event recorded .*"region":"westus","result":"recorded"/),
      ]);
    },
  );

  it('has an event delivered again whose registry has no login server that is known', async () => {
    const { request: _, ...data } = Object(pushed()['data']);
    const { error, recorded } = await deliver({ ...pushed(), data }, { loginServers: () => undefined });
    expect(error).toMatchObject({ name: 'LoginServerUnknownError' });
    expect(recorded).toEqual([]);
  });

  it.each([
    ['another resource group', (topic: string) => topic.replace('/rg-registry/', '/rg-other/')],
    ['another subscription', (topic: string) => topic.replace('11111111', '99999999')],
  ])('ignores an event of a namesake in %s, with one warning', async (_, change) => {
    const { error, lines, recorded } = await deliver({
      ...pushed(),
      topic: change(String(pushed()['topic'])),
    });
    expect({ error, recorded }).toEqual({ error: undefined, recorded: [] });
    expect(lines).toEqual([
      expect.stringMatching(/^warn\w* registry event ignored .*"reason":"registryNotConfigured"/),
    ]);
  });

  it('records a deletion without checking the region', async () => {
    const deleted = payload('container-registry', 'image-deleted');
    const data = { ...Object(deleted['data']), location: 'mars' };
    const { lines, recorded } = await deliver({ ...deleted, data });
    expect(recorded).toMatchObject([{ kind: 'delete' }]);
    expect(lines).toHaveLength(1);
  });

  it.each(['image-pushed-without-location', 'image-pushed-to-connected-registry'])(
    'records a push in no region: %s',
    async (name) => {
      const { lines, recorded } = await deliver(payload('container-registry', name));
      expect(recorded).toMatchObject([{ kind: 'push', region: undefined }]);
      expect(lines).toHaveLength(1);
    },
  );

  it('records a push in no region, with a warning, when the registry has no replica there', async () => {
    const { lines, recorded } = await deliver(inRegion('mars'));
    expect(recorded).toMatchObject([{ kind: 'push', region: undefined }]);
    expect(lines).toEqual([
      expect.stringMatching(/^warn\w* registry event names no replica .*"region":"mars"/),
      expect.stringMatching(/^information registry event recorded .*"region":null/),
    ]);
  });

  it('records the region of a push that cannot be verified now', async () => {
    const { recorded } = await deliver(inRegion('West Europe'));
    expect(recorded).toMatchObject([{ region: 'westeurope' }]);
  });

  it.each<[string, string, unknown]>([
    ['malformed', 'data: target: expected', { ...pushed(), data: {} }],
    ['malformed', 'event: expected', 7],
    ['ignored', '"reason":"foreignEventType"', payload('resource-manager', 'container-group-write')],
    ['ignored', '"reason":"registryNotConfigured"', { ...pushed(), topic: registryId('other') }],
  ])('accepts an event that no repetition can help as %s, with one warning: %s', async (how, why, event) => {
    const { error, lines, recorded } = await deliver(event);
    expect(error).toBeUndefined();
    expect(recorded).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines.join()).toMatch(new RegExp(`^warn\\w* registry event ${how} `));
    expect(lines.join()).toContain(why);
  });

  it('fails when nothing was recorded, so that the event is delivered again', async () => {
    const fail = new StateUnavailableError('refused', 1000);
    const { error, lines } = await deliver(pushed(), { fakes: fakeNotifications({ fail }) });
    expect(error).toBe(fail);
    expect(lines).toEqual([
      expect.stringMatching(/^error registry event failed .*"reason":"StateUnavailableError"/),
    ]);
  });

  it.each([
    ['REGISTRIES: expected an array', configOf({})],
    ['REGISTRIES[0].probe: expected', configOf([{ ...myregistry, probe: 1 }])],
  ])('fails while a setting that it needs is bad: %s', async (sentence, config) => {
    const { error, lines } = await deliver(pushed(), { config });
    expect(String(error)).toContain(sentence);
    expect(lines.join()).toContain(sentence);
  });

  it('logs no personal data of an event', async () => {
    const sent = [
      await deliver(pushed()),
      await deliver({ ...pushed(), topic: undefined }),
      await deliver(inRegion('mars')),
    ];
    const lines = sent.flatMap((one) => one.lines).join('\n');
    for (const text of personalData) expect(lines).not.toContain(text);
  });
});
