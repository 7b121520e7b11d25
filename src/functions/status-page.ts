import type { HttpHandler } from '@azure/functions';
import { type BuiltPage, pageAnswers } from '../http/page-response.ts';
import { once } from '../lib/async.ts';

/** Serves the page for people. The page itself holds no data: it requests them from `getStatus`. */
export function statusPage(loadPage: () => Promise<BuiltPage>): HttpHandler {
  const answers = once(async () => pageAnswers(await loadPage()));
  return async ({ headers }) => (await answers())(headers);
}
