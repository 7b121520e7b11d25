import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: [new URL('./global-setup.ts', import.meta.url).pathname],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two more than cores: many tests wait for a process to start or to end.
    maxWorkers: 4,
    isolate: false,
  },
});
