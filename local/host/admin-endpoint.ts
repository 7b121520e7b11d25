/**
 * The part of the runtime's management interface that people use by hand.
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
import { type Context, Hono, type Next } from 'hono';
import * as v from 'valibot';
import { emptyAnswer, jsonAnswer } from './answers.ts';
import { eventGridFiring, isEventGridFunction } from './event-grid-endpoint.ts';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import { hostVersion } from './functions-core.ts';
import { type HttpEndpoint, httpFiring, isHttpFunction } from './http-endpoint.ts';
import type { Firing, Invoker } from './invoker.ts';
import { parseJson } from './json.ts';
import type { KeyRing } from './keys.ts';
import { createKeysEndpoint } from './keys-endpoint.ts';
import { hasSchedule, isTimerFunction, timerFiring } from './timers.ts';

interface AdminEndpointOptions {
  readonly app: FunctionApp;
  readonly endpoints: readonly HttpEndpoint[];
  readonly invoker: Invoker;
  readonly keys: KeyRing;
  readonly now: () => Date;
  readonly env: NodeJS.ProcessEnv;
  /** Names this run of the host. */
  readonly instanceId: string;
}

/** The runtime's parser makes a text of a number or a boolean, and finds a property in any case. */
const runRequest = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((body) => Object.entries(body).findLast(([key]) => key.toLowerCase() === 'input')?.[1]),
  v.nullish(v.union([v.string(), v.pipe(v.union([v.number(), v.boolean()]), v.transform(String))]), ''),
);

/** Serves the paths under `/admin/`, which are in lower case when they come here. */
export function createAdminEndpoint(options: AdminEndpointOptions): Hono {
  const { app, invoker, keys, now, env } = options;
  const started = now();
  const find = (name: string) => app.functions.find((target) => target.name.toLowerCase() === name);
  const describe = (target: RegisteredFunction, request: Request) =>
    describeFunction(target, request, options);

  const admin = new Hono();
  admin.on(['GET', 'POST'], '/host/ping', () =>
    emptyAnswer(200, { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }),
  );
  admin.use(masterOnly(keys));
  admin.route('/', createKeysEndpoint(app, keys.keys));
  admin.get('/host/status', () => {
    const processUptime = now().getTime() - started.getTime();
    return jsonAnswer({
      id: 'localhost',
      state: 'Running',
      version: hostVersion,
      instanceId: options.instanceId,
      processUptime,
    });
  });
  admin.get('/functions', (context) =>
    jsonAnswer(app.functions.map((target) => describe(target, context.req.raw))),
  );
  admin.get('/functions/:name', (context) => {
    const target = find(context.req.param('name'));
    return target === undefined ? emptyAnswer(404) : jsonAnswer(describe(target, context.req.raw));
  });
  admin.get('/functions/:name/status', (context) =>
    find(context.req.param('name')) === undefined ? emptyAnswer(404) : jsonAnswer({}),
  );
  admin.post('/functions/:name', async (context) => {
    const body = await context.req.text();
    if (body === '') return emptyAnswer(400);
    if (!/^(application|text)\/([\w.-]+\+)?json\b/i.test(context.req.header('content-type') ?? '')) {
      return emptyAnswer(415);
    }
    const run = v.safeParse(runRequest, parseJson(body));
    if (!run.success) return emptyAnswer(400);
    const target = find(context.req.param('name'));
    if (target === undefined) return emptyAnswer(404);
    // The runtime accepts this too, and never runs it.
    if (isTimerFunction(target) && !hasSchedule(target, env, now)) return emptyAnswer(202);
    const firing = await manualFiring(target, run.output ?? '', context.req.url, now());
    // Accepted is all the answer says: how the run ends is told by the log alone.
    void invoker.fire(target, firing);
    return emptyAnswer(202);
  });
  return admin;
}

const masterOnly = (keys: KeyRing) => async (context: Context, next: Next) => {
  const grant = keys.grantOf(context.req.raw, { systemKeyName: 'eventgrid_extension' });
  if (grant === 'master') return next();
  return emptyAnswer(grant === 'none' ? 401 : 403);
};

/** Gives a function the input that its own trigger would. */
async function manualFiring(
  target: RegisteredFunction,
  input: string,
  url: string,
  now: Date,
): Promise<Firing> {
  const reason = 'This function was programmatically called via the host APIs.';
  if (isHttpFunction(target)) {
    const headers = { 'content-type': 'application/json' };
    return httpFiring(new Request(url, { method: 'POST', headers, body: input }), {});
  }
  if (isTimerFunction(target)) return { ...timerFiring(now, { isPastDue: false }), reason };
  if (isEventGridFunction(target)) return { ...eventGridFiring(target, parseJson(input), now), reason };
  return { reason, input: { string: input } };
}

function describeFunction(
  { name, metadata }: RegisteredFunction,
  request: Request,
  { endpoints }: AdminEndpointOptions,
): object {
  const { origin } = new URL(request.url);
  const template = endpoints.find(({ target }) => target.name === name)?.template;
  return {
    name,
    href: `${origin}/admin/functions/${name}`,
    invoke_url_template: template === undefined ? null : `${origin}/${template}`,
    language: 'node',
    config: {
      name,
      bindings: Object.entries(metadata.bindings).map(([bindingName, binding]) => ({
        ...binding,
        name: bindingName,
      })),
    },
    isDisabled: false,
    isDirect: true,
    isProxy: false,
    test_data: '',
  };
}
