import { readFileSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import { afterEach, expect, it } from 'vitest';
import { countOutcome, countRepair } from '../../src/telemetry/metrics.ts';
import { countedMetrics } from '../support/counted-metrics.ts';

afterEach(() => metrics.disable());

it('repairs are counted by their trigger, once a meter provider is registered', () => {
  const counted = countedMetrics();
  countOutcome('updated');
  countRepair('updated', 'audit');
  expect(counted).toEqual([
    ['evenkeel.dns.outcomes', 1, { outcome: 'updated' }],
    ['evenkeel.dns.repairs', 1, { result: 'updated', trigger: 'audit' }],
  ]);
});

it('every metric is explained in docs/telemetry.md, with its unit', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const page = read('docs/telemetry.md');
  const made = [...read('src/telemetry/metrics.ts').matchAll(/\b(?:count|measure)\('([\w.]+)', '([^']+)'/g)];
  expect(made.length).toBeGreaterThan(10);
  for (const [, name, unit] of made) expect(page).toContain(`| \`evenkeel.${name}\` | \`${unit}\` |`);
});
