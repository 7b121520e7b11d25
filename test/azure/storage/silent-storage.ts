import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A request to storage that is not answered, or not to its end. */
export interface SilentStorage extends AsyncDisposable {
  readonly connectionString: string;
  /** Resolves when a request is held. */
  held(): Promise<void>;
}

/**
 * How storage stops: without an answer, after the head of one, or after the first page of a listing.
 */
export type Silence = 'atOnce' | 'afterHead' | 'afterFirstPage';

/** The services of a storage account that take every request and never end their answers. */
export async function startSilentStorage(silence: Silence): Promise<SilentStorage> {
  let asked = 0;
  let tell = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    asked += 1;
    incoming.resume();
    if (silence === 'afterFirstPage' && asked === 1) return firstPage(incoming, outgoing);
    if (silence === 'afterHead') {
      outgoing.writeHead(200, { 'content-type': 'application/json;odata=minimalmetadata' });
      outgoing.write('{');
    }
    tell.resolve();
    tell = Promise.withResolvers();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const endpoint = (service: string) => `${service}Endpoint=http://127.0.0.1:${port}/account`;
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http;AccountName=account',
      `AccountKey=${Buffer.from('no secret').toString('base64')}`,
      ...['Table', 'Blob', 'Queue'].map(endpoint),
    ].join(';'),
    held: () => tell.promise,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An empty page that is not the last one. */
function firstPage({ url = '' }: IncomingMessage, outgoing: ServerResponse): void {
  if (url.includes('comp=list')) {
    outgoing.writeHead(200, { 'content-type': 'application/xml' });
    outgoing.end(
      '<?xml version="1.0"?><EnumerationResults ContainerName="c"><Blobs></Blobs><NextMarker>next</NextMarker></EnumerationResults>',
    );
    return;
  }
  outgoing.writeHead(200, {
    'content-type': 'application/json;odata=minimalmetadata',
    'x-ms-continuation-nextpartitionkey': 'next',
    'x-ms-continuation-nextrowkey': 'next',
  });
  outgoing.end('{"value":[]}');
}
