import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { Mutation } from './mutations.ts';

const root = new URL('../..', import.meta.url).pathname;
const given = process.env['EVENKEEL_MUTATION'];
const mutation = given === undefined ? undefined : (JSON.parse(given) as Mutation);

const isMutated = (id: string): boolean => relative(root, id) === mutation?.file;

/** The tests that run in process, over one mutated source file. */
export default defineConfig({
  plugins: [
    {
      name: 'mutation',
      enforce: 'pre',
      // What is kept of earlier runs knows nothing of the mutation.
      configureVitest({ defineCacheKeyGenerator }) {
        defineCacheKeyGenerator(({ id }) => (isMutated(id) ? false : undefined));
      },
      transform(source, id) {
        if (mutation === undefined || !isMutated(id)) return null;
        return source.slice(0, mutation.start) + mutation.replacement + source.slice(mutation.end);
      },
    },
  ],
  test: {
    root,
    include: ['test/**/*.test.ts'],
    exclude: ['test/{e2e,infra,local,cli,contract,docs,page,scripts}/**', 'test/imports.test.ts'],
    testTimeout: 20_000,
    maxWorkers: 1,
    isolate: false,
    reporters: ['dot'],
  },
});
