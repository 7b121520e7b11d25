import { describe, expect, it } from 'vitest';
import { toReplica } from '../../../src/azure/arm/registries.ts';

const id =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/r/replications/x';

describe('a replication as a replica', () => {
  it('carries what the answer says, with the region as its short name', () => {
    expect(
      toReplica({
        ...{ id, name: 'x', location: 'West US', provisioningState: 'Updating', tags: { a: 'b' } },
        status: { displayStatus: 'Provisioning', message: 'wait' },
        regionEndpointEnabled: false,
        systemData: { lastModifiedBy: 'someone' },
      }),
    ).toEqual({
      ...{ id, name: 'x', region: 'westus', provisioningState: 'Updating', tags: { a: 'b' } },
      ...{ displayStatus: 'Provisioning', statusMessage: 'wait' },
      globalRouting: 'disabled',
      lastModifiedBy: 'someone',
    });
  });

  it.each([
    [true, 'enabled'],
    [false, 'disabled'],
    [undefined, 'unknown'],
  ])('with the routing flag %s has global routing %s', (flag, globalRouting) => {
    const replication = flag === undefined ? {} : { regionEndpointEnabled: flag };
    expect(toReplica({ id, name: 'x', location: 'westus', ...replication })).toMatchObject({ globalRouting });
  });
});
