/** The package's main module loads all that it has, `fetch` and WebSockets included; its parts have no types of their own. */
declare module 'undici/lib/dispatcher/agent.js' {
  const Agent: typeof import('undici').Agent;
  export default Agent;
}

declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net';
  import type { buildConnector as connectors } from 'undici';

  /** @returns a function that begins a connection; its callback has the socket once it is connected. */
  export default function buildConnector(
    options: connectors.BuildOptions,
  ): (options: connectors.Options, callback: connectors.Callback) => Socket;
}
