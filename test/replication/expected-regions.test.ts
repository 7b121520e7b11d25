import { describe, expect, it } from 'vitest';
import { initiallyExpected, missingRegions, stillExpected } from '../../src/replication/expected-regions.ts';
import { registryOf, replicaOf } from '../registries/registry-of.ts';
import { fact } from './fixtures.ts';

const replicas = (...states: readonly (readonly [region: string, state: string])[]) =>
  states.map(([region, provisioningState]) => replicaOf(region, { provisioningState }));

describe('initiallyExpected', () => {
  it.each([
    ['Succeeded', true],
    ['Updating', true],
    ['succeeded', true],
    ['Creating', false],
    ['Deleting', false],
    ['Failed', false],
    ['Canceled', false],
  ])('includes a replica that is %s: %s', (state, waits) => {
    const regions = initiallyExpected(registryOf(), replicas(['eastus', 'Succeeded'], ['westus', state]));
    expect(regions).toEqual(waits ? ['eastus', 'westus'] : ['eastus']);
  });

  it('names only configured regions that have a replica', () => {
    const registry = registryOf({ regions: ['westus', 'northeurope'] });
    const all = replicas(['eastus', 'Succeeded'], ['westus', 'Succeeded']);
    expect(initiallyExpected(registry, all)).toEqual(['westus']);
  });

  it('names each region once, in order', () => {
    const twice = replicas(['westus', 'Succeeded'], ['eastus', 'Succeeded'], ['westus', 'Updating']);
    expect(initiallyExpected(registryOf(), twice)).toEqual(['eastus', 'westus']);
  });
});

describe('stillExpected', () => {
  it('leaves out replicas that are gone or being deleted, and those that were added since', () => {
    const now = replicas(['eastus', 'Succeeded'], ['westus', 'Deleting'], ['added', 'Succeeded']);
    expect(stillExpected(['eastus', 'gone', 'westus'], now)).toEqual(['eastus']);
  });

  it('keeps a replica whose provisioning failed', () => {
    expect(stillExpected(['eastus'], replicas(['eastus', 'Failed']))).toEqual(['eastus']);
  });
});

describe('missingRegions', () => {
  it('names the expected regions that no fact names, in their order', () => {
    expect(missingRegions(['c', 'a', 'b'], [fact('a', 1), fact('other', 1)])).toEqual(['c', 'b']);
  });
});
