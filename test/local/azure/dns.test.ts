import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  streamEncode,
} from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';

const zone = 'spoke-a.internal.contoso.com';

describe('DNS of the simulated zones', () => {
  let azure: LocalAzure;
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  beforeAll(async () => {
    azure = await startLocalAzure();
    resolver.setServers([`127.0.0.1:${azure.dns.port}`]);
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4', '10.1.0.5'], ttl: 30 });
    azure.zones.put(zone, 'A', '@', { values: ['10.1.0.1'] });
    azure.zones.put(zone, 'A', 'empty', { values: [] });
    azure.zones.put(zone, 'A', 'deep.below', { values: ['10.1.0.9'] });
    azure.zones.put(zone, 'A', '*.apps', { values: ['10.1.0.80'] });
    azure.zones.put(zone, 'A', 'own.apps', { values: ['10.1.0.81'] });
    azure.zones.put(zone, 'CNAME', 'alias', { values: ['web.spoke-a.internal.contoso.com'] });
    azure.zones.put(zone, 'CNAME', 'abroad', { values: ['www.example.com'] });
    azure.zones.put(zone, 'CNAME', 'circle', { values: [`circle.${zone}`] });
    azure.zones.put(zone, 'TXT', 'long', {
      values: ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200)),
    });
    azure.zones.put('1.10.in-addr.arpa', 'PTR', '4.0', { values: [`web.${zone}.`] });
    azure.zones.put('10.in-addr.arpa', 'PTR', '4.0.2', { values: ['db.spoke-b.internal.contoso.com'] });
  });
  afterAll(() => azure.close());

  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const query = (question: Question, edns = false): Buffer =>
    encode({
      type: 'query',
      id: 77,
      flags: RECURSION_DESIRED,
      questions: [question],
      additionals: edns ? [opt] : [],
    });
  const sendUdp = async (message: Buffer): Promise<DecodedPacket> => {
    const socket = createSocket('udp4');
    socket.send(message, azure.dns.port, '127.0.0.1');
    const [answer] = await once(socket, 'message');
    socket.close();
    return decode(answer);
  };
  const ask = (name: string, type: Question['type'] = 'A', edns = false) =>
    sendUdp(query({ name, type }, edns));
  const rcodeOf = ({ flags = 0 }: DecodedPacket) => flags & 15;

  it('resolves names to addresses, and addresses to names in the closest zone', async () => {
    expect(await resolver.resolve4(`web.${zone}`, { ttl: true })).toEqual([
      { address: '10.1.0.4', ttl: 30 },
      { address: '10.1.0.5', ttl: 30 },
    ]);
    expect(await resolver.resolve4(zone)).toEqual(['10.1.0.1']);
    expect(await resolver.reverse('10.1.0.4')).toEqual([`web.${zone}`]);
    expect(await resolver.reverse('10.2.0.4')).toEqual(['db.spoke-b.internal.contoso.com']);
  });

  it('sees every change at once', async () => {
    azure.zones.put(zone, 'A', 'fleeting', { values: ['10.1.0.70'] });
    expect(await resolver.resolve4(`fleeting.${zone}`)).toEqual(['10.1.0.70']);
    azure.zones.remove(zone, 'A', 'fleeting');
    await expect(resolver.resolve4(`fleeting.${zone}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    azure.zones.put(zone, 'A', 'two.levels', { values: ['10.1.0.71'] });
    await expect(resolver.resolve4(`levels.${zone}`)).rejects.toMatchObject({ code: 'ENODATA' });
    azure.zones.remove(zone, 'A', 'two.levels');
    await expect(resolver.resolve4(`levels.${zone}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('answers with authority, whatever the casing, which it keeps', async () => {
    const answer = await ask(`WeB.${zone.toUpperCase()}`);
    expect(answer.id).toBe(77);
    expect(answer.questions).toMatchObject([{ name: `WeB.${zone.toUpperCase()}` }]);
    expect(answer.answers).toMatchObject([{ data: '10.1.0.4' }, { data: '10.1.0.5' }]);
    const expected = AUTHORITATIVE_ANSWER | RECURSION_DESIRED | RECURSION_AVAILABLE;
    expect((answer.flags ?? 0) & expected).toBe(expected);
  });

  describe('tells by NXDOMAIN, with the SOA record to keep that for 10 seconds, that a name', () => {
    it.each([
      ['has no record set', `nobody.${zone}`],
      ['lies beside a wildcard', `nobody.web.${zone}`],
      ['has no PTR record', '5.0.1.10.in-addr.arpa'],
    ])('%s', async (_, name) => {
      const answer = await ask(name, name.endsWith('arpa') ? 'PTR' : 'A');
      expect([rcodeOf(answer), answer.answers]).toEqual([3, []]);
      expect(answer.authorities).toMatchObject([{ type: 'SOA', ttl: 10, data: { minimum: 10 } }]);
    });
  });

  it('tells by NXDOMAIN without authority that a name is in no linked zone', async () => {
    const answer = await ask('www.example.com');
    expect([rcodeOf(answer), answer.authorities, answer.flag_aa]).toEqual([3, [], false]);
  });

  describe('tells by an empty answer with the SOA record that a name', () => {
    it.each([
      ['has only other types', `web.${zone}`, 'AAAA'],
      ['has a record set without records', `empty.${zone}`, 'A'],
      ['only has names below it', `below.${zone}`, 'A'],
      ['has no records of a type unheard of', `web.${zone}`, 'UNKNOWN_65'],
    ])('%s', async (_, name, type) => {
      const message = query({ name, type: 'A' });
      // Type numbers that the packet codec has no name for go in by hand.
      message.writeUInt16BE({ AAAA: 28, A: 1, UNKNOWN_65: 65 }[type] ?? 0, message.length - 4);
      const answer = await sendUdp(message);
      expect([rcodeOf(answer), answer.answers]).toEqual([0, []]);
      expect(answer.authorities).toMatchObject([{ type: 'SOA' }]);
    });
  });

  it('lets a wildcard stand for names that do not exist, and only for those', async () => {
    expect((await ask(`Any.thing.apps.${zone}`)).answers).toMatchObject([
      { name: `Any.thing.apps.${zone}`, data: '10.1.0.80' },
    ]);
    expect((await ask(`own.apps.${zone}`)).answers).toMatchObject([{ data: '10.1.0.81' }]);
    expect(rcodeOf(await ask(`x.own.apps.${zone}`))).toBe(3);
  });

  it('follows aliases as far as its zones go, and not in circles', async () => {
    expect((await ask(`alias.${zone}`)).answers).toMatchObject([
      { type: 'CNAME', data: `web.${zone}` },
      { type: 'A', data: '10.1.0.4' },
      { type: 'A', data: '10.1.0.5' },
    ]);
    expect(await resolver.resolveCname(`alias.${zone}`)).toEqual([`web.${zone}`]);
    expect((await ask(`abroad.${zone}`)).answers).toMatchObject([{ type: 'CNAME', data: 'www.example.com' }]);
    expect(rcodeOf(await ask(`circle.${zone}`))).toBe(0);
  });

  it('knows the SOA record of a zone', async () => {
    expect(await resolver.resolveSoa(zone)).toMatchObject({ nsname: 'azureprivatedns.net', minttl: 10 });
  });

  it('answers EDNS with EDNS, and without it without', async () => {
    expect((await ask(`web.${zone}`, 'A', true)).additionals).toMatchObject([{ type: 'OPT' }]);
    expect((await ask(`web.${zone}`)).additionals).toEqual([]);
  });

  it('truncates what UDP cannot carry, and says all of it by TCP', async () => {
    const short = await ask(`long.${zone}`, 'TXT');
    expect([short.flag_tc, short.answers]).toEqual([true, []]);
    expect((await ask(`long.${zone}`, 'TXT', true)).answers).toHaveLength(4);
    expect(await resolver.resolveTxt(`long.${zone}`)).toHaveLength(4);
  });

  it('answers several queries over one TCP connection, however they are cut into pieces', async () => {
    const connection = connect(azure.dns.port, '127.0.0.1');
    const messages = Buffer.concat(
      [zone, `web.${zone}`].map((name) =>
        streamEncode({ type: 'query', id: 1, questions: [{ type: 'A', name }] }),
      ),
    );
    connection.write(messages.subarray(0, 1));
    connection.write(messages.subarray(1, 40));
    connection.write(messages.subarray(40));
    let received = Buffer.alloc(0);
    const counts: number[] = [];
    for await (const chunk of connection) {
      received = Buffer.concat([received, chunk]);
      while (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        counts.push(decode(received.subarray(2, end)).answers?.length ?? 0);
        received = received.subarray(end);
      }
      if (counts.length === 2) break;
    }
    expect(counts).toEqual([1, 2]);
  });

  it('refuses what it cannot read or does not do', async () => {
    const garbled = query({ name: zone, type: 'A' });
    garbled.fill(0xff, 12);
    expect(rcodeOf(await sendUdp(garbled))).toBe(1);
    const update = query({ name: zone, type: 'A' });
    update.writeUInt16BE(5 << 11, 2);
    expect(rcodeOf(await sendUdp(update))).toBe(4);
    const two = encode({
      questions: [
        { name: zone, type: 'A' },
        { name: zone, type: 'PTR' },
      ],
    });
    expect(rcodeOf(await sendUdp(two))).toBe(1);
    expect(rcodeOf(await sendUdp(query({ name: zone, type: 'A', class: 'CH' })))).toBe(5);
  });

  it('does not see a zone that is linked to no network', async () => {
    azure.zones.create({ name: 'lonely.example.com', links: [] });
    azure.zones.put('lonely.example.com', 'A', 'web', { values: ['10.1.0.4'] });
    await expect(resolver.resolve4('web.lonely.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    azure.zones.create({ name: 'lonely.example.com', links: ['/subscriptions/s/vnet'] });
    expect(await resolver.resolve4('web.lonely.example.com')).toEqual(['10.1.0.4']);
  });

  it('says which port is in use when it cannot start, be it for UDP or for TCP alone', async () => {
    const inUse = { code: 'EADDRINUSE', port: azure.dns.port };
    await expect(startLocalAzure({ dnsPort: azure.dns.port })).rejects.toMatchObject(inUse);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startLocalAzure({ dnsPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    server.close();
    await once(server, 'close');
    const free = await startLocalAzure({ dnsPort: port });
    await free.close();
  });
});
