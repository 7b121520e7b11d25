import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';

describe('the activity log of container groups', () => {
  const clock = new ManualClock();
  const told: string[] = [];
  let azure: LocalAzure;

  beforeEach(async () => {
    told.length = 0;
    azure = await startLocalAzure({ clock });
    azure.onActivity(({ operationName }) => told.push(operationName.split('/').slice(2).join('/')));
  });
  afterEach(() => azure.close());

  it('tells of an asynchronous creation when it is complete', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', asynchronous: true });
    expect(azure.containerGroups.address(id)).toBeUndefined();
    await clock.advance(300);
    expect([azure.containerGroups.address(id), told]).toEqual(['10.1.0.4', []]);
    await clock.advance(300);
    expect(told).toEqual(['write']);
  });

  it('tells of a creation that a deletion overtook, and leaves the group deleted', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', asynchronous: true });
    azure.containerGroups.delete(id);
    await clock.advance(600);
    expect(told).toEqual(['delete', 'write']);
    expect(azure.containerGroups.get(id)).toBeUndefined();
  });

  it('tells of nothing when the platform moves a group or two groups swap their addresses', () => {
    const one = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'one' });
    const two = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'two' });
    told.length = 0;
    azure.containerGroups.swap(one, two);
    expect(azure.containerGroups.list('rg-spoke-a').map(({ address }) => address)).toEqual([
      '10.1.0.5',
      '10.1.0.4',
    ]);
    expect(azure.containerGroups.move(one)).toBe('10.1.0.6');
    expect(told).toEqual([]);
  });

  it('tells of every container group that goes with its resource group, and empties it', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect(azure.resourceGroups.delete(sampleSubscriptionId, 'RG-spoke-a')).toBe(true);
    expect(told).toEqual(['write', 'delete']);
    const gone = await fetch(`${azure.armEndpoint}${id}?api-version=2023-05-01`);
    expect(await gone.json()).toMatchObject({ error: { code: 'ResourceGroupNotFound' } });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'other' });
    expect(azure.containerGroups.list('rg-spoke-a').map(({ name }) => name)).toEqual(['other']);
  });
});
