import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket as Connection, createServer, type Server } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';
import { formatErrorFor } from './answer.ts';

interface DnsServer {
  /** Port of both UDP and TCP. */
  readonly port: number;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
/** RFC 1035, section 4.2.1: without EDNS a UDP message has at most so many bytes. */
const smallestUdpLimit = 512;
/** A port that is free for UDP may be taken for TCP; another one is tried then. */
const portAttempts = 20;

/**
 * Answers DNS queries on loopback, by UDP and by TCP.
 * @param port 0 for any that is free for both.
 * @throws the error of `bind` or `listen`, such as `EADDRINUSE`.
 */
export async function serveDns(port: number, answer: (query: DecodedPacket) => Packet): Promise<DnsServer> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await bindUdp(port, answer);
    try {
      const actual = udp.address().port;
      const { server, connections } = await listenTcp(actual, answer);
      return { port: actual, close: () => closeBoth(udp, server, connections) };
    } catch (error) {
      udp.close();
      if (port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

async function bindUdp(port: number, answer: (query: DecodedPacket) => Packet): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, client) => {
    const response = respond(message, answer, 'udp');
    // The client may be gone: nothing to do about it.
    if (response !== undefined) socket.send(response, client.port, client.address, () => undefined);
  });
  socket.bind(port, loopback);
  await once(socket, 'listening');
  return socket;
}

async function listenTcp(
  port: number,
  answer: (query: DecodedPacket) => Packet,
): Promise<{ server: Server; connections: Set<Connection> }> {
  const connections = new Set<Connection>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => connection.destroy());
    serveConnection(connection, answer);
  });
  server.listen(port, loopback);
  await once(server, 'listening');
  return { server, connections };
}

/** RFC 1035, section 4.2.2: two bytes of length go before every message. */
function serveConnection(connection: Connection, answer: (query: DecodedPacket) => Packet): void {
  let received = Buffer.alloc(0);
  connection.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const response = respond(received.subarray(2, end), answer, 'tcp');
      received = received.subarray(end);
      if (response === undefined) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      connection.write(Buffer.concat([length, response]));
    }
  });
}

function respond(
  message: Buffer,
  answer: (query: DecodedPacket) => Packet,
  transport: 'udp' | 'tcp',
): Buffer | undefined {
  let query: DecodedPacket;
  try {
    query = decode(message);
  } catch {
    const refusal = formatErrorFor(message);
    return refusal === undefined ? undefined : encode(refusal);
  }
  // Answering answers could make two servers talk to each other for ever.
  if (query.flag_qr) return undefined;
  const packet = answer(query);
  const encoded = encode(packet);
  if (transport === 'tcp' || encoded.length <= udpLimit(query)) return encoded;
  return encode({
    ...packet,
    flags: (packet.flags ?? 0) | TRUNCATED_RESPONSE,
    answers: [],
    authorities: [],
  });
}

function udpLimit({ additionals = [] }: DecodedPacket): number {
  for (const record of additionals)
    if (record.type === 'OPT') return Math.max(smallestUdpLimit, record.udpPayloadSize);
  return smallestUdpLimit;
}

async function closeBoth(udp: Socket, tcp: Server, connections: ReadonlySet<Connection>): Promise<void> {
  const closed = [once(udp, 'close'), once(tcp, 'close')];
  udp.close();
  tcp.close();
  for (const connection of connections) connection.destroy();
  await Promise.all(closed);
}
