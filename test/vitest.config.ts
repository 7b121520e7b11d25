import { defineConfig } from 'vitest/config';

/** The real host takes longer, and its first start downloads extensions. */
const isUnderFunc = process.env['EVENKEEL_E2E_HOST'] === 'func';

/** What goes wrong, and what explores: for a change of what they are about, and for `npm run check`. */
export const faultTests = [
  'test/e2e/faults/**/*.test.ts',
  'test/*/explorer/**/*.test.ts',
  'test/simulation/**/*.test.ts',
  'test/*/time-limits.test.ts',
  'test/*/*-races.test.ts',
];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Under the real host, whoever has it runs all that use a host.
    exclude: ['test/delivery/**', ...(isUnderFunc ? [] : faultTests)],
    globalSetup: ['./global-setup.ts', './storage-setup.ts'].map(
      (file) => new URL(file, import.meta.url).pathname,
    ),
    testTimeout: isUnderFunc ? 120_000 : 20_000,
    hookTimeout: isUnderFunc ? 330_000 : 30_000,
    // Two more than cores: many tests wait for a process to start or to end.
    maxWorkers: isUnderFunc ? 2 : 4,
    isolate: false,
    // Node.js reads TypeScript itself, and remembers what it has compiled. Nothing here is mocked by module.
    experimental: { viteModuleRunner: false },
  },
});
