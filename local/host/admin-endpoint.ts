/**
 * The part of the runtime's management interface that people use by hand.
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
import { type Context, Hono, type Next } from 'hono';
import * as v from 'valibot';
import { eventGridFiring, isEventGridFunction } from './event-grid-endpoint.ts';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import { hostVersion } from './functions-core.ts';
import { type HttpEndpoint, httpFiring, isHttpFunction } from './http-endpoint.ts';
import type { Firing, Invoker } from './invoker.ts';
import type { KeyRing } from './keys.ts';
import { isTimerFunction, timerFiring } from './timers.ts';

interface AdminEndpointOptions {
  readonly app: FunctionApp;
  readonly endpoints: readonly HttpEndpoint[];
  readonly invoker: Invoker;
  readonly keys: KeyRing;
  readonly now: () => Date;
  /** Names this run of the host. */
  readonly instanceId: string;
}

const runRequest = v.object({ input: v.nullish(v.string(), '') });

/** Serves the paths under `/admin/`, which are in lower case when they come here. */
export function createAdminEndpoint(options: AdminEndpointOptions): Hono {
  const { app, invoker, keys, now } = options;
  const started = now();
  const find = (name: string) => app.functions.find((target) => target.name.toLowerCase() === name);
  const describe = (target: RegisteredFunction, request: Request) =>
    describeFunction(target, request, options);

  const admin = new Hono();
  admin.all('/host/ping', (context) => context.body(null, 200));
  admin.use(masterOnly(keys));
  admin.get('/host/status', (context) => {
    const processUptime = now().getTime() - started.getTime();
    return context.json({
      id: 'localhost',
      state: 'Running',
      version: hostVersion,
      instanceId: options.instanceId,
      processUptime,
    });
  });
  admin.get('/functions', (context) =>
    context.json(app.functions.map((target) => describe(target, context.req.raw))),
  );
  admin.get('/functions/:name', (context) => {
    const target = find(context.req.param('name'));
    return target === undefined ? context.body(null, 404) : context.json(describe(target, context.req.raw));
  });
  admin.get('/functions/:name/status', (context) =>
    find(context.req.param('name')) === undefined ? context.body(null, 404) : context.json({}),
  );
  admin.post('/functions/:name', async (context) => {
    const body = await context.req.text();
    if (body === '') return context.body(null, 400);
    if (!/^(application|text)\/([\w.-]+\+)?json\b/i.test(context.req.header('content-type') ?? '')) {
      return context.body(null, 415);
    }
    const run = v.safeParse(runRequest, parseJson(body));
    if (!run.success) return context.body(null, 400);
    const target = find(context.req.param('name'));
    if (target === undefined) return context.body(null, 404);
    const firing = await manualFiring(target, run.output.input ?? '', context.req.url, now());
    // Accepted is all the answer says: how the run ends is told by the log alone.
    void invoker.fire(target, firing);
    return context.body(null, 202);
  });
  return admin;
}

const masterOnly = (keys: KeyRing) => async (context: Context, next: Next) => {
  const grant = keys.grantOf(context.req.raw, { systemKeyName: 'eventgrid_extension' });
  if (grant === 'master') return next();
  return context.body(null, grant === 'none' ? 401 : 403);
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
  const event = isEventGridFunction(target) ? parseJson(input) : undefined;
  return event === undefined
    ? { reason, input: { string: input } }
    : { ...eventGridFiring(event, now), reason };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
