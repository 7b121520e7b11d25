import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: [new URL('./global-setup.ts', import.meta.url).pathname],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    isolate: false,
  },
});
