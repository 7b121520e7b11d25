import { defineConfig } from 'vitest/config';
import base, { faultTests } from './vitest.config.ts';

/** `npm run test:faults`: crashes, hangs, lies and races of the built app, the simulations, and a short form of the explorers. */
export default defineConfig({
  test: {
    ...base.test,
    include: faultTests,
    exclude: [],
    experimental: {},
    fsModuleCache: true,
    globalSetup: ['./build-setup.ts', './storage-setup.ts'].map(
      (file) => new URL(file, import.meta.url).pathname,
    ),
  },
});
