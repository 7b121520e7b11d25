import { type HttpServer, serveHttp } from '../../local/azure/http-server.ts';
import { type BuiltPage, pageAnswers } from '../../src/http/page-response.ts';

interface PageServer extends HttpServer {
  /** URL of the page. */
  readonly page: string;
  /** Every request so far, such as `GET /api/status`. */
  readonly seen: readonly string[];
}

/**
 * Serves the page as the app does, with the same headers, over a made-up status.
 * @param status Answers `GET /api/status`; `undefined` breaks the connection.
 * @param image Answers `GET /api/replication`, likewise.
 */
export async function servePage(
  built: BuiltPage,
  status: (request: Request) => Response | undefined | Promise<Response | undefined>,
  image: (query: URLSearchParams) => Response | undefined = () => undefined,
): Promise<PageServer> {
  const seen: string[] = [];
  const answer = await pageAnswers(built);
  const server = await serveHttp(0, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    if (pathname === '/api/status') return status(request);
    if (pathname === '/api/replication') return image(searchParams);
    if (pathname !== '/api/dashboard') return new Response(null, { status: 404 });
    const { body, ...init } = answer(request.headers);
    return new Response(body ?? null, init);
  });
  return { ...server, seen, page: `${server.url}/api/dashboard` };
}
