import { describe, expect, it } from 'vitest';
import { dryRun } from '../../src/dns/dry-run.ts';
import { aKey, groupId, hostOf, ownA, ownPtr, ptrKey, recordSet, spokeOf, zones } from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce } from './reconcile-once.ts';

const web = groupId('web');
const [here, there] = ['10.1.0.4', '10.1.0.9'] as const;
const name = hostOf(web);
const policy = 'upsert-only';

const moved = () => {
  const azure = new InMemoryAzure();
  azure.put(ownA(web, there), ownPtr(web, there));
  azure.address(web, here);
  return azure;
};

describe('the policy upsert-only', () => {
  it('creates and updates, and leaves the old PTR', async () => {
    const azure = moved();
    expect(await reconcileOnce(azure, web, { policy })).toMatchObject({ result: 'updated' });
    expect(answersOf(azure)).toEqual([
      `A ${name} ${here}`,
      `PTR 4.0.1.10.in-addr.arpa ${name}.`,
      `PTR 9.0.1.10.in-addr.arpa ${name}.`,
    ]);
  });

  it('removes nothing of a group that is gone', async () => {
    const azure = moved();
    azure.delete(web);
    expect(await reconcileOnce(azure, web, { policy })).toMatchObject({ result: 'nothingToDo', changes: [] });
    expect(azure.recordSets).toHaveLength(2);
  });

  it('takes no name out of the PTR of the address, and finds that right the next time', async () => {
    const azure = new InMemoryAzure();
    azure.put(ownA(web, here), recordSet(ptrKey(here), ['legacy.contoso.com.']));
    azure.address(web, here);
    await reconcileOnce(azure, web, { policy });
    expect(azure.find(ptrKey(here))?.values).toEqual(['legacy.contoso.com.', `${name}.`]);
    expect(await reconcileOnce(azure, web, { policy })).toMatchObject({ result: 'nothingToDo' });
  });

  it('leaves a misplaced record set', async () => {
    const azure = new InMemoryAzure();
    const misplaced = { ...aKey(web), name: 'web-old' };
    azure.put(ownA(web, here), ownPtr(web, here), { ...ownA(web, here), key: misplaced });
    azure.address(web, here);
    await reconcileOnce(azure, web, { policy, recordSets: [misplaced] });
    expect(azure.find(misplaced)).toBeDefined();
  });
});

describe('a dry run', () => {
  it('shows what sync would do, and writes nothing', async () => {
    const azure = moved();
    const plan = await dryRun(
      {
        group: web,
        spoke: spokeOf(web),
        zones,
        foreignRecords: 'overwrite',
        policy: 'observe',
        hints: [],
        recordSets: [],
      },
      {
        containerGroups: azure.ports.containerGroups,
        recordSets: { read: azure.ports.recordSets.read },
        clock: { now: () => new Date() },
      },
      { signal: new AbortController().signal, remainingMs: () => 25_000 },
    );
    expect(plan.changes.map(({ action }) => action)).toEqual(['update', 'create', 'delete']);
    expect(azure.cost.writes).toBe(0);
  });
});
