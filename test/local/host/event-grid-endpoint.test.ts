import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureHost, startFixtureHost } from './fixture-host.ts';

let host: FixtureHost;
beforeAll(async () => {
  host = await startFixtureHost();
});
afterAll(() => host?.kill());

const notification = { 'aeg-event-type': 'Notification' };

const send = (
  body: string,
  { path = '/runtime/webhooks/EventGrid?functionName=collect', headers = {}, method = 'POST' } = {},
) => fetch(`${host.url}${path}`, { method, headers, ...(body !== '' && { body }) });

const notify = (events: unknown, path?: string) =>
  send(JSON.stringify(events), { headers: notification, ...(path !== undefined && { path }) });

const seenIds = async () =>
  (await host.journal()).flatMap(({ event }) =>
    typeof event === 'object' && event !== null && 'id' in event ? [event.id] : [],
  );

const anEvent = (data: object = {}) => ({ id: randomUUID(), subject: 's', eventType: 'T', data });

describe('a notification', () => {
  it.each([
    ['an array', (event: object) => [event]],
    ['one bare object', (event: object) => event],
  ])('with %s is accepted and fires the function', async (_form, wrap) => {
    const event = anEvent({ nested: { list: [1, 'two', null] } });
    const answer = await notify(wrap(event));
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expect(await host.journal()).toContainEqual(expect.objectContaining({ saw: 'event', event }));
  });

  it('with no events is accepted', async () => {
    expect((await notify([])).status).toBe(202);
  });

  it('fires the function for an event without an id', async () => {
    const subject = randomUUID();
    expect((await notify([{ subject }])).status).toBe(202);
    expect(await host.journal()).toContainEqual(expect.objectContaining({ event: { subject } }));
  });

  it('fires one invocation for each event at once, and answers when all have ended', async () => {
    const gate = randomUUID();
    const events = [anEvent({ waitsFor: gate }), anEvent()];
    const answer = notify(events);
    // The second is seen while the first still waits.
    for (const { id } of events) await host.seen(({ event }) => JSON.stringify(event)?.includes(id) === true);
    const winner = await Promise.race([
      answer.then(() => 'answer'),
      fetch(`${host.url}/api/nothing`).then(() => 'other'),
    ]);
    expect(winner).toBe('other');
    await fetch(`${host.url}/api/release/${gate}`, { method: 'POST' });
    expect((await answer).status).toBe(202);
  });

  it('fails as a whole when one invocation fails, after the others have run', async () => {
    const events = [anEvent({ fails: true }), anEvent()];
    const answer = await notify(events);
    expect([answer.status, await answer.text()]).toEqual([
      500,
      'Exception while executing function: Functions.collect',
    ]);
    expect(await seenIds()).toEqual(expect.arrayContaining(events.map(({ id }) => id)));
  });

  it('hands over the whole array where the cardinality is many', async () => {
    const events = [anEvent(), anEvent()];
    expect((await notify(events, '/runtime/webhooks/EventGrid?functionName=collectMany')).status).toBe(202);
    expect(await host.journal()).toContainEqual({ saw: 'events', events });
  });

  it('respells times on their way', async () => {
    const event = anEvent({ at: '2026-11-21T01:00:00.500+01:00', on: '2026-11-21' });
    await notify([event]);
    const seen = await host.seen((entry) => JSON.stringify(entry).includes(event.id));
    expect(seen).toMatchObject({ event: { data: { at: '2026-11-21T00:00:00.5+00:00', on: '2026-11-21' } } });
  });

  it.each(['application/cloudevents+json', 'application/cloudevents-batch+json'])(
    'holds CloudEvents as %s',
    async (contentType) => {
      const event = { specversion: '1.0', id: randomUUID(), source: '/s', type: 'T', data: {} };
      const body = JSON.stringify(contentType.includes('batch') ? [event] : event);
      const answer = await send(body, { headers: { ...notification, 'content-type': contentType } });
      expect(answer.status).toBe(202);
      expect(await host.journal()).toContainEqual(expect.objectContaining({ event }));
      expect((await send(body, { headers: { 'content-type': contentType } })).status).toBe(400);
    },
  );

  it.each(['[{', 'null', '"x"', '1', 'true'])(
    'that holds %s fails without a word, and fires nothing',
    async (body) => {
      const answer = await send(body, { headers: notification });
      expect([answer.status, await answer.text()]).toEqual([500, '']);
    },
  );

  it.each(['[null]', '[[]]', '[1]', '["x"]'])(
    'that holds %s fails before the function is entered, and says so in the log',
    async (body) => {
      const before = (await host.journal()).length;
      const answer = await send(body, { headers: notification });
      expect([answer.status, await answer.text()]).toEqual([
        500,
        'Exception while executing function: Functions.collect',
      ]);
      expect((await host.journal()).length).toBe(before);
      await host.line("Functions.collect. BindingError: Exception binding parameter '");
    },
  );

  it('hands over an empty array where the cardinality is many', async () => {
    expect((await notify([], '/runtime/webhooks/EventGrid?functionName=collectMany')).status).toBe(202);
    expect(await host.journal()).toContainEqual({ saw: 'events', events: [] });
  });

  it('may come by PUT, and below the path of the web hook', async () => {
    const event = anEvent();
    const path = '/runtime/webhooks/EventGrid/more?functionName=collect';
    const answer = await send(JSON.stringify(event), { method: 'PUT', headers: notification, path });
    expect([answer.status, await seenIds()]).toEqual([202, expect.arrayContaining([event.id])]);
  });
});

describe('the address', () => {
  it.each([
    '/RUNTIME/webhooks/eventgrid?functionName=collect',
    '/runtime/webhooks/EventGrid?FUNCTIONNAME=collect',
  ])('is found in any case: %s', async (path) => {
    expect((await notify([], path)).status).toBe(202);
  });

  it.each([
    ['nope', 'functionName=nope'],
    ['Collect', 'functionName=Collect'],
    ['journal', 'functionName=journal'],
    ['', 'other=1'],
  ])('is not found for the function name "%s"', async (name, query) => {
    const answer = await notify([anEvent()], `/runtime/webhooks/EventGrid?${query}`);
    expect([answer.status, await answer.text()]).toEqual([404, `cannot find function: '${name}'`]);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });
});

describe('a request of another kind', () => {
  it.each([
    ['no event type', 'POST', {}, 400],
    ['an unknown event type', 'POST', { 'aeg-event-type': 'Party' }, 400],
    ['the method GET, and so no body', 'GET', notification, 500],
    ['the method PATCH', 'PATCH', notification, 404],
  ])('with %s is refused', async (_what, method, headers, status) => {
    const answer = await send(method === 'GET' ? '' : JSON.stringify([anEvent()]), { method, headers });
    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });

  it('confirms a subscription with its validation code, and fires nothing', async () => {
    const id = randomUUID();
    const event = {
      id,
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: 'c0de' },
    };
    const answer = await send(JSON.stringify([event]), {
      headers: { 'aeg-event-type': 'SubscriptionValidation' },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(await answer.text()).toBe('{"validationResponse":"c0de"}');
    expect(await seenIds()).not.toContain(id);
  });

  it.each([
    ['an object', { validationCode: 'c0de' }],
    ['JSON within a text', '{"validationCode":"c0de"}'],
  ])('confirms the subscription of a bare CloudEvent whose data is %s', async (_form, data) => {
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const answer = await send(JSON.stringify({ specversion: '1.0', data }), { headers });
    expect([answer.status, await answer.text()]).toEqual([200, '{"validationResponse":"c0de"}']);
  });

  it('takes note of the end of a subscription, and fires nothing', async () => {
    const event = anEvent();
    const answer = await send(JSON.stringify([event]), { headers: { 'aeg-event-type': 'Unsubscribe' } });
    expect(answer.status).toBe(202);
    expect(await seenIds()).not.toContain(event.id);
  });

  it.each([
    ['eventgrid.azure.net', 'eventgrid.azure.net'],
    ['eventgrid.azure.us', 'eventgrid.azure.us'],
    ['elsewhere.example', 'eventgrid.azure.net'],
    [undefined, 'eventgrid.azure.net'],
  ])('by %s for CloudEvents allows %s', async (origin, allowed) => {
    const headers: Record<string, string> = origin === undefined ? {} : { 'WebHook-Request-Origin': origin };
    const answer = await send('', { method: 'OPTIONS', headers });
    expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([200, allowed]);
  });
});
