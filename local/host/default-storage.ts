import { connect } from 'node:net';

/** Where Azurite's queues are unless it is told otherwise. */
const queuePort = 10_001;
const patienceMs = 300;

/**
 * The host's storage where no setting names one: the emulator, if it runs on its usual ports.
 *
 * An emulator that does not run is no default: the app would take it for storage that is out of order.
 */
export async function defaultStorage(): Promise<string | undefined> {
  return (await isListening(queuePort)) ? 'UseDevelopmentStorage=true' : undefined;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: patienceMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
