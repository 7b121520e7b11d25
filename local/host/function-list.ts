import type { RegisteredFunction } from './function-app.ts';
import { type HttpEndpoint, isHttpFunction } from './http-endpoint.ts';

/** The functions as `func start` shows them, one line each: HTTP functions with their address. */
export function listFunctions(
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
