import { type HttpServer, serveHttp } from '../../local/azure/http-server.ts';

export interface SeenRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A server on loopback http that keeps the requests it received. */
export interface RecordingServer extends HttpServer {
  readonly seen: readonly SeenRequest[];
}

/** @param answer `undefined` breaks the connection. */
export async function serveRecorded(
  answer: (request: SeenRequest) => Response | undefined | Promise<Response | undefined>,
): Promise<RecordingServer> {
  const seen: SeenRequest[] = [];
  const server = await serveHttp(0, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const one = { method, path: `${pathname}${search}`, headers, body: await request.text() };
    seen.push(one);
    return answer(one);
  });
  return { ...server, seen };
}
