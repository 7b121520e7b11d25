import { defineConfig } from 'vitest/config';
import base from '../vitest.config.ts';

/**
 * `npm run test:delivery`: packages, pipelines, hooks, the checks of templates and the states of the status page, as users
 * get them. Most of these start npm, shells, compilers and browsers, so they are no part of `npm test`.
 */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/delivery/**/*.test.ts'],
    exclude: [],
    experimental: {},
    fsModuleCache: true,
    globalSetup: ['../build-setup.ts', '../storage-setup.ts'].map(
      (file) => new URL(file, import.meta.url).pathname,
    ),
  },
});
