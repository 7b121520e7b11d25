import { app } from '@azure/functions';
import { type BuiltPage, pageAnswers } from '../http/page-response.ts';
import { once } from '../lib/async.ts';

/** Serves the page for people. The page itself holds no data: it requests them from `getStatus`. */
export function bindStatusPage(loadPage: () => Promise<BuiltPage>): void {
  const answers = once(async () => pageAnswers(await loadPage()));
  app.http('statusPage', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'dashboard',
    handler: async ({ headers }) => (await answers())(headers),
  });
}
