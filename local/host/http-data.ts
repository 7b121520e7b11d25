import { generateCookie } from 'hono/cookie';
import type { HttpCookie, HttpRequestData, HttpResponseData, TypedData } from './core-types.ts';
import { requestPath } from './request-path.ts';

/** Reads the whole body: a function starts when its request is complete. */
export async function toHttpRequestData(
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<HttpRequestData> {
  const body = await request.arrayBuffer();
  const url = new URL(request.url);
  // Parameters that are given twice are joined, as ASP.NET does.
  const query = Map.groupBy(url.searchParams, ([key]) => key);
  return {
    method: request.method,
    url: `${url.origin}${requestPath(request.url)}${url.search}`,
    nullableHeaders: asNullable(request.headers),
    nullableQuery: asNullable(
      [...query].map(([key, pairs]) => [key, pairs.map(([, value]) => value).join(',')]),
    ),
    nullableParams: asNullable(Object.entries(params)),
    ...(body.byteLength > 0 && { body: { bytes: new Uint8Array(body) } }),
  };
}

const asNullable = (entries: Iterable<readonly [string, string]>): Record<string, { value: string }> =>
  Object.fromEntries([...entries].map(([key, value]) => [key, { value }]));

const bodilessStatuses: readonly number[] = [204, 205, 304];

/** What a function returned, as an answer; a function that returned nothing answers 204. */
export function toResponse(returned: TypedData | null | undefined): Response {
  const data = returned?.http;
  if (data === undefined) return new Response(null, { status: 204 });
  // A request has a method, and an answer has none.
  return 'method' in data ? new Response(null, { status: 500 }) : fromHttpResponseData(data);
}

function fromHttpResponseData(data: HttpResponseData): Response {
  const status = Number(data.statusCode ?? 200);
  const headers = new Headers(data.headers);
  for (const cookie of data.cookies ?? []) headers.append('set-cookie', writeCookie(cookie));
  const body = bodilessStatuses.includes(status) ? null : bodyOf(data.body);
  // The Response of Node.js would write the type of a text in its own way.
  if (typeof body === 'string' && !headers.has('content-type'))
    headers.set('content-type', 'text/plain; charset=utf-8');
  return new Response(body, { status, headers });
}

function bodyOf(body: TypedData | null | undefined): Uint8Array<ArrayBuffer> | string | null {
  // A copy, because a Response takes no view of memory that somebody else might hold.
  if (body?.bytes !== undefined) return body.bytes.byteLength === 0 ? null : new Uint8Array(body.bytes);
  return body?.string ?? body?.json ?? null;
}

const sameSiteNames = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function writeCookie(cookie: HttpCookie): string {
  const sameSite = sameSiteNames[cookie.sameSite ?? 'none'];
  return generateCookie(cookie.name, cookie.value, {
    ...(cookie.domain && { domain: cookie.domain.value }),
    ...(cookie.path && { path: cookie.path.value }),
    ...(cookie.expires && { expires: new Date(cookie.expires.value.seconds * 1000) }),
    ...(cookie.secure && { secure: cookie.secure.value }),
    ...(cookie.httpOnly && { httpOnly: cookie.httpOnly.value }),
    ...(cookie.maxAge && { maxAge: cookie.maxAge.value }),
    ...(sameSite && { sameSite }),
  });
}
