// As a namespace: Node.js 22, on which pipelines run the package too, has no URLPattern, and the app no such route.
import * as nodeUrl from 'node:url';

/** A route template of ASP.NET: `items/{id:int?}`, `files/{*path}`. */
export interface HttpRoute {
  /** The values of the route's parameters, or undefined when the path is another. */
  match(path: string): Readonly<Record<string, string>> | undefined;
  /** Routes with a lower rank are asked first: what is written out goes before parameters. */
  readonly rank: string;
}

class RouteTemplateError extends Error {
  override readonly name = 'RouteTemplateError';
}

/** https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints, as far as a path can tell. */
const constraintPatterns: Readonly<Record<string, string>> = {
  int: '-?\\d+',
  long: '-?\\d+',
  alpha: '[A-Za-z]+',
  bool: 'true|false',
  guid: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
};

/** `template` starts after the first slash. Throws `RouteTemplateError` on a constraint that is not supported. */
export function parseRoute(template: string): HttpRoute {
  const segments = template.split('/').filter((segment) => segment !== '');
  if (!template.includes('{')) return literalRoute(segments);
  const pattern = new nodeUrl.URLPattern(
    { pathname: segments.map((segment) => segmentPattern(segment, template)).join('') },
    { ignoreCase: true },
  );
  return {
    rank: segments
      .map((segment) => (segment.startsWith('{*') ? '2' : segment.includes('{') ? '1' : '0'))
      .join(''),
    match(path) {
      const groups = pattern.exec({ pathname: withoutTrailingSlash(path) })?.pathname.groups;
      if (groups === undefined) return undefined;
      return Object.fromEntries(
        Object.entries(groups).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, decode(value)]],
        ),
      );
    },
  };
}

/** A route without parameters, as most are; a pattern would take ten times as long. */
function literalRoute(segments: readonly string[]): HttpRoute {
  const { pathname } = new URL(`http://localhost/${segments.join('/')}`);
  const literal = pathname.toLowerCase();
  return {
    rank: '0'.repeat(segments.length),
    match: (path) => (withoutTrailingSlash(path).toLowerCase() === literal ? {} : undefined),
  };
}

/** ASP.NET ignores a slash at the end of a path. */
const withoutTrailingSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

const parameter = /\{(?<all>\*{1,2})?(?<name>\w+)(?::(?<constraint>\w+))?(?<optional>\?)?\}/g;

function segmentPattern(segment: string, template: string): string {
  let pattern = '/';
  let end = 0;
  for (const match of segment.matchAll(parameter)) {
    const { all, name = '', constraint, optional } = match.groups ?? {};
    pattern += escapeLiteral(segment.slice(end, match.index));
    end = match.index + match[0].length;
    if (all !== undefined) return `{/:${name}(.*)}?`;
    const allowed = constraint === undefined ? '' : constraintPatterns[constraint.toLowerCase()];
    if (allowed === undefined)
      throw new RouteTemplateError(`the route ${template} has an unknown constraint ${constraint}`);
    const group = `:${name}${allowed === '' ? '' : `(${allowed})`}`;
    if (optional !== undefined && match[0] === segment) return `{/${group}}?`;
    pattern += `{${group}}`;
  }
  const rest = segment.slice(end);
  if (/[{}]/.test(rest)) throw new RouteTemplateError(`the route ${template} cannot be read at "${rest}"`);
  return pattern + escapeLiteral(rest);
}

const escapeLiteral = (text: string): string => text.replaceAll(/[\\:*?+(){}.]/g, '\\$&');

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
