import * as v from 'valibot';
import { emptyAnswer } from './answers.ts';
import type { RegisteredFunction } from './function-app.ts';
import { toHttpRequestData, toResponse } from './http-data.ts';
import { type HttpRoute, parseRoute } from './http-route.ts';
import type { Firing, Invoker } from './invoker.ts';
import type { KeyRing } from './keys.ts';
import { requestPath } from './request-path.ts';

/** The trigger of an HTTP function; `@azure/functions` has filled in its own defaults. */
const httpTrigger = v.object({
  authLevel: v.optional(
    v.pipe(v.string(), v.toLowerCase(), v.picklist(['anonymous', 'function', 'admin'])),
    'anonymous',
  ),
  methods: v.optional(v.array(v.pipe(v.string(), v.toUpperCase())), ['GET', 'POST']),
  route: v.optional(v.string()),
});

export interface HttpEndpoint {
  readonly target: RegisteredFunction;
  readonly methods: readonly string[];
  readonly authLevel: 'anonymous' | 'function' | 'admin';
  /** Starts after the first slash: `api/items/{id}`. */
  readonly template: string;
  readonly route: HttpRoute;
}

export const isHttpFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'httptrigger';

/** Throws on a trigger that cannot be served, such as a route with an unknown constraint. */
export function httpEndpointOf(target: RegisteredFunction, routePrefix: string): HttpEndpoint {
  const { authLevel, methods, route = target.name } = v.parse(httpTrigger, target.trigger);
  const template = [routePrefix, route]
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/');
  return { target, methods, authLevel, template, route: parseRoute(template) };
}

interface HttpRouterOptions {
  readonly endpoints: readonly HttpEndpoint[];
  readonly invoker: Invoker;
  readonly keys: KeyRing;
}

/**
 * Serves the HTTP functions; the answer is undefined where no function has the path. A method that a function does
 * not name is not found, HEAD of a GET function too.
 */
export function createHttpRouter({
  endpoints,
  invoker,
  keys,
}: HttpRouterOptions): (request: Request) => Promise<Response | undefined> {
  const ranked = endpoints.toSorted((a, b) =>
    a.route.rank < b.route.rank ? -1 : a.route.rank > b.route.rank ? 1 : 0,
  );
  return async (request) => {
    const path = requestPath(request.url);
    for (const { target, methods, authLevel, route } of ranked) {
      if (!methods.includes(request.method)) continue;
      const params = route.match(path);
      if (params === undefined) continue;
      const grant = keys.grantOf(request, { functionName: target.name });
      const isAllowed =
        authLevel === 'anonymous' || grant === 'master' || (authLevel === 'function' && grant === 'function');
      if (!isAllowed) return emptyAnswer(401);
      return answer(await invoker.fire(target, await httpFiring(request, params)));
    }
    return undefined;
  };
}

export const httpFiring = async (
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Firing> => ({
  reason: 'This function was programmatically called via the host APIs.',
  input: { http: await toHttpRequestData(request, params) },
});

const answer = (outcome: Awaited<ReturnType<Invoker['fire']>>): Response =>
  outcome.succeeded ? toResponse(outcome.response.returnValue) : emptyAnswer(500);
