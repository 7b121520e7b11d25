import { afterEach, describe, expect, it } from 'vitest';
import { signalTopic } from '../../src/azure/event-grid.ts';
import { driftSignal } from '../../src/dns/signals.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { type RecordingServer, serveRecorded } from '../support/recording-server.ts';

let topic: RecordingServer | undefined;
afterEach(() => topic?.close());

/** What a topic is sent for these signals: the size of each request, and the ids of its events. */
async function requestsFor(signals: readonly Signal[]): Promise<{ bytes: number; ids: string[] }[]> {
  topic = await serveRecorded(() => new Response());
  await signalTopic({ url: topic.url, isInsecure: true }, undefined).publish(signals);
  return topic.seen.map(({ body }) => {
    const events: readonly { readonly id: string }[] = JSON.parse(body);
    return { bytes: Buffer.byteLength(body), ids: events.map(({ id }) => id) };
  });
}

/** As the audit reports it of a group with long names whose 16 record sets are all wrong. */
const drift = (index: number, recordSets = 16): Signal => {
  const resourceGroup = `rg-${'x'.repeat(87)}`;
  const zone = `/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/${resourceGroup}/providers/microsoft.network/privatednszones/1.10.in-addr.arpa`;
  return driftSignal({
    finding: 'stalePtr',
    containerGroup: `/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/${resourceGroup}/providers/microsoft.containerinstance/containergroups/${'é'.repeat(60)}${index}`,
    recordSets: Array.from({ length: recordSets }, (_, one) => `${zone}/ptr/${one}.${index}`),
    addresses: Array.from({ length: recordSets }, (_, one) => `10.1.${index}.${one % 256}`),
    liveAddress: '10.1.0.4',
    recordAddress: '10.1.0.5',
    isRefused: false,
    since: '2026-11-21T12:00:00.000Z',
  });
};
const signals = (count: number, recordSets?: number) =>
  Array.from({ length: count }, (_, index) => drift(index, recordSets));

describe('a topic', () => {
  it('is sent no more at once than Event Grid takes', async () => {
    const sent = signals(200);
    expect(Buffer.byteLength(JSON.stringify(sent))).toBeGreaterThan(900_000);
    const requests = await requestsFor(sent);
    expect(requests.length).toBe(2);
    for (const { bytes } of requests) expect(bytes).toBeLessThanOrEqual(900_000);
    expect(requests.flatMap(({ ids }) => ids)).toEqual(sent.map(({ id }) => id));
  });

  it('is sent 200 small events at once, and no more', async () => {
    const requests = await requestsFor(signals(401, 0));
    expect(requests.map(({ ids }) => ids.length)).toEqual([200, 200, 1]);
  });

  it('is sent an event that is too large alone, so that it holds up no other', async () => {
    const large = drift(1, 4_000);
    const [before, after] = [drift(0), drift(2)];
    const requests = await requestsFor([before, large, after]);
    expect(requests.map(({ ids }) => ids)).toEqual([[before.id], [large.id], [after.id]]);
  });

  it('is sent nothing for no signal', async () => {
    expect(await requestsFor([])).toEqual([]);
  });
});
