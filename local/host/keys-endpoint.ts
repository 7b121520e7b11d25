/**
 * The keys of the app, as its management interface tells them. They cannot be changed over http here.
 * https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
 */
import { Hono } from 'hono';
import { emptyAnswer, jsonAnswer } from './answers.ts';
import type { FunctionApp } from './function-app.ts';
import type { HostKeys } from './keys.ts';
import { requestPath } from './request-path.ts';

type Named = Readonly<Record<string, string>>;

/** Serves paths in lower case below `/admin`, to whom the caller has let in. */
export function createKeysEndpoint(app: FunctionApp, keys: HostKeys): Hono {
  const ofFunction = (lowerCaseName: string): Named | undefined => {
    const target = app.functions.find(({ name }) => name.toLowerCase() === lowerCaseName);
    return target && (keys.functions[target.name] ?? {});
  };
  const endpoint = new Hono();
  for (const kind of ['keys', 'functionkeys', 'systemkeys']) {
    const all = kind === 'systemkeys' ? keys.systemKeys : keys.functionKeys;
    endpoint.get(`/host/${kind}`, ({ req }) => listed(all, req.url));
    // The master key is asked for by name only.
    const named = kind === 'systemkeys' ? { ...all, _master: keys.master } : all;
    endpoint.get(`/host/${kind}/:key`, ({ req }) => told(named, req.param('key'), req.url));
  }
  endpoint.get('/functions/:name/keys', ({ req }) => listed(ofFunction(req.param('name')), req.url));
  endpoint.get('/functions/:name/keys/:key', ({ req }) =>
    told(ofFunction(req.param('name')), req.param('key'), req.url),
  );
  return endpoint;
}

function listed(keys: Named | undefined, url: string): Response {
  if (keys === undefined) return emptyAnswer(404);
  const all = Object.entries(keys).map(([name, value]) => ({ name, value }));
  return jsonAnswer({ keys: all, links: [self(url)] });
}

function told(keys: Named | undefined, lowerCaseName: string, url: string): Response {
  const found = Object.entries(keys ?? {}).find(([name]) => name.toLowerCase() === lowerCaseName);
  if (found === undefined) return emptyAnswer(404);
  const [name, value] = found;
  return jsonAnswer({ name, value, links: [self(url)] });
}

const self = (url: string) => ({ rel: 'self', href: `${new URL(url).origin}${requestPath(url)}` });
