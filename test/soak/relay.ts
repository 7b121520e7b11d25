import { connect, createServer, type Socket } from 'node:net';

/** Passes connections on. */
export interface Relay {
  readonly port: number;
  /** What becomes of the connections that there are, and of those that come. */
  mode: 'pass' | 'refuse' | 'hang';
  close(): Promise<void>;
}

/**
 * Passes each connection on to the next of its targets in turn, as the front of a service does, until told to break all
 * of them, or to pass nothing on.
 * @param targets ports of 127.0.0.1, asked for at each connection.
 */
export async function startRelay(targets: () => readonly number[]): Promise<Relay> {
  const pairs = new Map<Socket, Socket>();
  let mode: Relay['mode'] = 'pass';
  let turn = 0;

  const server = createServer((client) => {
    const ports = targets();
    const port = ports[turn++ % Math.max(1, ports.length)];
    if (mode === 'refuse' || port === undefined) return void client.destroy();
    const target = connect(port, '127.0.0.1');
    pairs.set(client, target);
    const end = () => {
      pairs.delete(client);
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) socket.once('error', end).once('close', end);
    target.pipe(client);
    if (mode === 'pass') client.pipe(target);
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
  const breakAll = () => {
    for (const client of pairs.keys()) client.destroy();
  };
  return {
    port: address.port,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (mode === 'refuse') breakAll();
      if (mode === 'hang') for (const client of pairs.keys()) client.unpipe();
      if (mode === 'pass') for (const [client, target] of pairs) client.pipe(target);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      breakAll();
      await closed;
    },
  };
}
