import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createAdminEndpoint } from './admin-endpoint.ts';
import { emptyAnswer } from './answers.ts';
import { loadApp } from './app-loader.ts';
import { createEventGridEndpoint } from './event-grid-endpoint.ts';
import type { RegisteredFunction } from './function-app.ts';
import { hostedApp } from './functions-core.ts';
import { homepage } from './homepage.ts';
import { readHostJson } from './host-json.ts';
import { describeError, type HostLog } from './host-log.ts';
import { createHttpRouter, type HttpEndpoint, httpEndpointOf, isHttpFunction } from './http-endpoint.ts';
import { Invoker } from './invoker.ts';
import type { KeyRing } from './keys.ts';
import { createMcpEndpoint } from './mcp-endpoint.ts';
import { isMcpToolFunction, mcpToolOf } from './mcp-tool.ts';
import { startQueues } from './queues.ts';
import { requestPath } from './request-path.ts';
import { startTimers } from './timers.ts';

interface HostOptions {
  /** Holds host.json and package.json. */
  readonly directory: string;
  /** Port to listen on; 0 is any free one. */
  readonly port: number;
  readonly keys: KeyRing;
  readonly env: NodeJS.ProcessEnv;
  /** How long a queue message stays hidden before it is seen again, should this host die with it in hand. */
  readonly queueLeaseSeconds: number;
  readonly log: HostLog;
  /** Prints lines that are no log, such as the list of functions. */
  readonly print: (line: string) => void;
  readonly now: () => Date;
  readonly newId: () => string;
}

interface Host {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** Ends when every function that was running has ended; nothing new starts meanwhile. */
  stop(): Promise<void>;
}

class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

/**
 * Loads an app and serves it on loopback. It runs once in a process, because an app's registrations belong to its
 * process.
 *
 * Throws `AppLoadError` or `PortInUseError`. A function that cannot be served, such as one with a route that cannot
 * be read, costs one line in the log; the others are served.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { directory, keys, log, now, newId, print } = options;
  const hostJson = await readHostJson(directory);
  const app = hostedApp;
  app.onLog((level, category, message) => {
    if (category !== 'customMetric') log.write(level, message);
  });
  await loadApp(directory, app);

  const invoker = new Invoker({ app, log, now, newId });
  const endpoints = served(app.functions.filter(isHttpFunction), log, (target) =>
    httpEndpointOf(target, hostJson.extensions.http.routePrefix),
  );
  const tools = served(app.functions.filter(isMcpToolFunction), log, mcpToolOf);

  let isStopping = false;
  // The runtime's own paths are matched without case; those of functions are matched by their router.
  const web = new Hono({ getPath: (request) => requestPath(request.url).toLowerCase() });
  web.use(async (context, next) => {
    if (isStopping) return context.body('Function host is not running.', 503);
    await next();
    // A client that keeps its connection would hold up the end of the host.
    if (isStopping) context.header('connection', 'close');
    return undefined;
  });
  const eventGrid = createEventGridEndpoint({ app, invoker, keys, now });
  const paths = ['/runtime/webhooks/eventgrid', '/runtime/webhooks/eventgrid/*'];
  web.on(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS'], paths, (context) => eventGrid(context.req.raw));
  const mcp = createMcpEndpoint({ tools, settings: hostJson.extensions.mcp, invoker, keys });
  web.all('/runtime/webhooks/mcp', async (context) => (await mcp(context.req.raw)) ?? emptyAnswer(404));
  const { env, queueLeaseSeconds: leaseSeconds } = options;
  web.route('/admin', createAdminEndpoint({ app, endpoints, invoker, keys, now, env, instanceId: newId() }));
  const router = createHttpRouter({ endpoints, invoker, keys });
  web.all('*', async (context) => {
    const answer = await router(context.req.raw);
    return answer ?? (context.req.path === '/' ? homepage(options.env) : emptyAnswer(404));
  });
  web.onError((error, context) => {
    log.write('error', `${context.req.method} ${context.req.path} failed: ${describeError(error)}`);
    return context.body(null, 500);
  });

  // The app shares this process, and must find the global Request and Response as Node.js has them.
  const server = createServer(getRequestListener(web.fetch, { overrideGlobalObjects: false }));
  const url = `http://127.0.0.1:${await listen(server, options.port)}`;
  for (const line of listFunctions(app.functions, endpoints, url)) print(line);

  const { functions } = app;
  const timers = startTimers({ functions, invoker, log, now, env });
  const settings = hostJson.extensions.queues;
  const queues = await startQueues({ functions, invoker, log, env, settings, leaseSeconds });

  return {
    url,
    async stop() {
      isStopping = true;
      timers.stop();
      const closed = once(server, 'close');
      server.close();
      await Promise.all([queues.stop(), invoker.drain()]);
      // A client that has not sent a whole request by then gets no answer.
      const deadline = setTimeout(() => server.closeAllConnections(), 1000);
      await closed;
      clearTimeout(deadline);
      await app.runHooks('appTerminate', {
        hookData: app.startAndEndHookData,
        appHookData: app.appHookData,
      });
    },
  };
}

/** Prepares each function. One that cannot be prepared is left out, with a line in the log. */
function served<T>(
  functions: readonly RegisteredFunction[],
  log: HostLog,
  prepare: (target: RegisteredFunction) => T,
): T[] {
  return functions.flatMap((target) => {
    try {
      return [prepare(target)];
    } catch (error) {
      log.write('error', `The function '${target.name}' is not served: ${describeError(error)}`);
      return [];
    }
  });
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      throw new PortInUseError(`port ${port} is in use; choose another with --port, or 0 for any free one`, {
        cause,
      });
    }
    throw cause;
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** The functions as `func start` shows them, one line each: HTTP functions with their address. */
function listFunctions(
  functions: readonly RegisteredFunction[],
  endpoints: readonly HttpEndpoint[],
  url: string,
): string[] {
  const byName = (a: RegisteredFunction, b: RegisteredFunction): number => (a.name < b.name ? -1 : 1);
  const http = endpoints.toSorted((a, b) => byName(a.target, b.target));
  const others = functions.filter((target) => !isHttpFunction(target)).toSorted(byName);
  return [
    'Functions:',
    ...http.map(
      ({ target, methods, template }) => `\t${target.name}: [${methods.join(',')}] ${url}/${template}`,
    ),
    ...others.map((target) => `\t${target.name}: ${target.trigger.type}`),
  ];
}
