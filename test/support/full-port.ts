import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port where the next connection is neither accepted nor refused. */
interface FullPort extends AsyncDisposable {
  readonly url: string;
}

/** Listens on a thread that then stands still. The kernel makes connections for it, up to its backlog and one. */
const listener = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(workerData), 0, 0);
  });
`;
const made = 2;

export async function fullPort(): Promise<FullPort> {
  const standstill = new SharedArrayBuffer(4);
  const worker = new Worker(listener, { eval: true, workerData: standstill });
  const [port] = await once(worker, 'message');
  const sockets: Socket[] = [];
  for (let number = 0; number < made; number += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    sockets.push(socket);
    await once(socket, 'connect');
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      Atomics.store(new Int32Array(standstill), 0, 1);
      Atomics.notify(new Int32Array(standstill), 0);
      await worker.terminate();
    },
  };
}

/** How many connections of this process wait to be made. */
export const connecting = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.endsWith('ConnectWrap')).length;
