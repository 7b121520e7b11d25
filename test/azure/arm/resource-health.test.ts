import { describe, expect, it } from 'vitest';
import { readAvailability } from '../../../src/azure/arm/resource-health.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';

const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/myregistry';

describe('the resource health of a registry', () => {
  const read = (find: (path: string) => Promise<unknown>) =>
    readAvailability({ find }, id, deadlineIn(5_000));

  it.each(['occurredTime', 'occuredTime'])('is its state, its summary and %s', async (time) => {
    const paths: string[] = [];
    const found = await read(async (path) => {
      paths.push(path);
      const properties = { availabilityState: 'Degraded', summary: 'slow', [time]: '2026-11-28T12:00:00Z' };
      return { properties };
    });
    expect(found).toEqual({ state: 'Degraded', summary: 'slow', since: '2026-11-28T12:00:00.000Z' });
    expect(paths).toEqual([`${id}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is refused', () => Promise.reject(new Error('403'))],
    ['does not exist', async () => undefined],
    ['is something else', async () => ({ properties: {} })],
  ])('is unknown where it %s', async (_, find) => {
    expect(await read(find)).toBeUndefined();
  });
});
