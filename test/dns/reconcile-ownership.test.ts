import { describe, expect, it } from 'vitest';
import { OwnershipConflictError } from '../../src/dns/errors.ts';
import {
  ago,
  aKey,
  groupId,
  hostOf,
  hourMs,
  minuteMs,
  ownA,
  ownerMark,
  ownPtr,
  ptrKey,
  recordSet,
} from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce } from './reconcile-once.ts';

const web = groupId('web');
const api = groupId('api');
const here = '10.1.0.4';
const there = '10.1.0.9';
const name = hostOf(web);
const right = [`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${name}.`];
const withGroup = (isRunning = true) => {
  const azure = new InMemoryAzure();
  azure.address(web, here, isRunning);
  return azure;
};

describe('record sets without a mark', () => {
  const unmarked = (address: string, host: string) => {
    const azure = withGroup();
    azure.put(recordSet(aKey(web), [address]), recordSet(ptrKey(here), [host]));
    return azure;
  };

  it('that are right are adopted once', async () => {
    const azure = unmarked(here, `${name}.`);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'updated' });
    expect(azure.recordSets.map(({ metadata }) => metadata['evenkeelOwner'])).toEqual([web.key, web.key]);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
  });

  it('that are wrong are replaced', async () => {
    const azure = unmarked(there, 'legacy.contoso.com.');
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(right);
  });

  it('are left alone under refuse, which is no failure', async () => {
    const azure = unmarked(there, 'legacy.contoso.com.');
    const outcome = await reconcileOnce(azure, web, { foreignRecords: 'refuse' });
    expect(outcome).toMatchObject({ result: 'refused', changes: [], blocked: [{ reason: 'foreign' }] });
    expect(azure.cost.writes).toBe(0);
  });

  it('at the PTR alone hold up the PTR alone under refuse', async () => {
    const azure = withGroup();
    azure.put(recordSet(ptrKey(here), ['legacy.contoso.com.']));
    const outcome = await reconcileOnce(azure, web, { foreignRecords: 'refuse' });
    expect(outcome).toMatchObject({ result: 'created', blocked: [{ reason: 'foreign' }] });
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`, 'PTR 4.0.1.10.in-addr.arpa legacy.contoso.com.']);
  });

  it('stay when the group is gone', async () => {
    const azure = unmarked(here, `${name}.`);
    azure.delete(web);
    expect(await reconcileOnce(azure, web, { hints: [here] })).toMatchObject({ result: 'nothingToDo' });
    expect(azure.recordSets).toHaveLength(2);
  });

  it('whose PTR at a left address names us lose our name only', async () => {
    const azure = withGroup();
    azure.put(ownA(web, there), recordSet(ptrKey(there), [`${name}.`, 'legacy.contoso.com.']));
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toContain('PTR 9.0.1.10.in-addr.arpa legacy.contoso.com.');
  });
});

describe('record sets of the platform', () => {
  it('are never touched', async () => {
    const azure = withGroup();
    azure.put(
      recordSet(aKey(web), [there], { isAutoRegistered: true }),
      recordSet(ptrKey(here), ['vm.contoso.com.'], { isAutoRegistered: true }),
      recordSet(ptrKey(there), [`${name}.`], { isAutoRegistered: true }),
    );
    const outcome = await reconcileOnce(azure, web, { hints: [there] });
    expect(outcome).toMatchObject({ result: 'refused', blocked: [{ reason: 'platform' }] });
    azure.delete(web);
    await reconcileOnce(azure, web, { hints: [there, here] });
    expect(azure.cost.writes).toBe(0);
  });
});

describe("the PTR of our address with another group's mark", () => {
  const contested = (isRunning = true) => {
    const azure = withGroup(isRunning);
    azure.put(ownA(web, there), ownPtr(web, there), ownPtr(api, here));
    return azure;
  };

  it('is a conflict while that group is live on it; A is written all the same', async () => {
    const azure = contested();
    azure.address(api, here);
    const failure = await reconcileOnce(azure, web).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OwnershipConflictError);
    expect(String(failure)).toContain(api.key);
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${hostOf(api)}.`]);
  });

  it.each<[string, (azure: InMemoryAzure) => void]>([
    ['is gone', () => {}],
    ['is on another address', (azure) => azure.address(api, '10.1.0.5')],
    [
      'is stopped and shows no address',
      (azure) => void azure.groups.set(api.key, { kind: 'unaddressed', reason: 'stopped' }),
    ],
    ['is stopped and still shows it', (azure) => azure.address(api, here, false)],
  ])('is taken over when that group %s', async (_, arrange) => {
    const azure = contested();
    arrange(azure);
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(right);
  });

  it('is a conflict between two groups that are both stopped', async () => {
    const azure = contested(false);
    azure.address(api, here, false);
    await expect(reconcileOnce(azure, web)).rejects.toThrow(OwnershipConflictError);
  });

  it.each(['unknown', 'notReady'] as const)('is left while the state of that group is %s', async (kind) => {
    const azure = contested();
    azure.groups.set(api.key, { kind, detail: 'no answer' });
    const before = azure.find(ptrKey(here));
    await expect(reconcileOnce(azure, web)).rejects.toMatchObject({ name: 'LiveStateUnknownError' });
    expect(azure.find(ptrKey(here))).toEqual(before);
    expect(azure.find(aKey(web))?.values).toEqual([here]);
  });
});

describe("our name with another group's mark", () => {
  const twin = groupId('web', 'RG-TWIN');
  const taken = () => {
    const azure = withGroup();
    azure.put(
      recordSet(aKey(web), [there], {
        metadata: { ...ownerMark(api), evenkeelPrevious: `10.1.0.8@${ago(hourMs).toISOString()}` },
      }),
      recordSet(ptrKey(there), [`${name}.`], { metadata: ownerMark(api) }),
      recordSet(ptrKey('10.1.0.8'), [`${name}.`], { metadata: ownerMark(api) }),
    );
    return azure;
  };

  it('is taken over from a group that has no claim to it, with its address and memory as old addresses', async () => {
    const azure = taken();
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(right);
    expect(azure.find(aKey(web))?.metadata['evenkeelPrevious']).toMatch(/10\.1\.0\.8@.*10\.1\.0\.9@/);
  });

  it("also has the former owner's live address looked at", async () => {
    const azure = taken();
    azure.address(api, '10.1.0.5');
    azure.put(recordSet(ptrKey('10.1.0.5'), [`${name}.`]));
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(right);
  });

  it('of a group in an unmapped resource group is taken over', async () => {
    const azure = withGroup();
    azure.address(twin, there);
    azure.put(recordSet(aKey(web), [there], { metadata: ownerMark(twin) }));
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(right);
  });

  it('stays when our group is gone', async () => {
    const azure = taken();
    azure.delete(web);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
    expect(azure.recordSets).toHaveLength(3);
  });
});

describe('a group that a record set was taken from', () => {
  it('is looked at again, for it may have come back meanwhile and found the set still right', async () => {
    const azure = withGroup();
    azure.put(ownPtr(api, here));
    await reconcileOnce(azure, web);
    expect(azure.queue).toMatchObject([{ delayMs: 2 * minuteMs, message: { group: { key: api.key } } }]);
    const kinds = azure.calls.map(({ kind }) => kind);
    expect(kinds.indexOf('requeue')).toBeLessThan(kinds.indexOf('create'));
  });

  it('gets its PTR back by that', async () => {
    const azure = withGroup();
    azure.put(ownA(api, here), ownPtr(api, here));
    azure.address(api, there);
    azure.after = ({ kind }) => {
      if (kind !== 'update') return;
      // Our group was at this address for a moment only.
      azure.address(web, there);
      azure.address(api, here);
    };
    await reconcileOnce(azure, web);
    for (const { message } of azure.queue)
      await reconcileOnce(azure, message.group, { hints: message.addresses });
    expect(answersOf(azure)).toContain(`PTR 4.0.1.10.in-addr.arpa ${hostOf(api)}.`);
  });
});

describe('groups that swap their addresses', () => {
  it('are both right once their events were repeated', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, here);
    azure.address(api, there);
    azure.put(ownA(web, there), ownPtr(web, there), ownA(api, here), ownPtr(api, here));
    await reconcileOnce(azure, web);
    await reconcileOnce(azure, api);
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual([
      `A ${hostOf(api)} ${there}`,
      `A ${name} ${here}`,
      `PTR 4.0.1.10.in-addr.arpa ${name}.`,
      `PTR 9.0.1.10.in-addr.arpa ${hostOf(api)}.`,
    ]);
  });
});

describe("the PTR of our old address with another group's mark and our name beside its own", () => {
  const names = (...hosts: string[]) => `PTR 9.0.1.10.in-addr.arpa ${hosts.join(' ')}`;
  const shared = () => {
    const azure = withGroup();
    azure.put(ownA(web, there), { ...ownPtr(api, there), values: [`${hostOf(api)}.`, `${name}.`] });
    return azure;
  };

  it('is left to that group while it lives on the address', async () => {
    const azure = shared();
    azure.address(api, there);
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual([...right, names(`${hostOf(api)}.`, `${name}.`)]);
  });

  it('loses our name when that group is gone', async () => {
    const azure = shared();
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual([...right, names(`${hostOf(api)}.`)]);
  });
});
