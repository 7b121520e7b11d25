import { describe, expect, it } from 'vitest';
import { type DryRun, dryRun } from '../../src/dns/dry-run.ts';
import type { ForeignRecords } from '../../src/dns/plan.ts';
import { planDocument, planVerdict } from '../../src/dns/plan-document.ts';
import { type ObservedRecordSet, recordSetId } from '../../src/dns/record-set.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import {
  aKey,
  groupId,
  hostOf,
  now,
  ownA,
  ownerMark,
  ownPtr,
  ptrKey,
  recordSet,
  spokeOf,
  zones,
} from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';

const web = groupId('web');
const api = groupId('api');
const here = '10.1.0.4';
const right = [ownA(web, here), ownPtr(web, here)];

interface World {
  readonly sets?: readonly ObservedRecordSet[];
  readonly address?: string | undefined;
  readonly group?: typeof web;
  readonly foreignRecords?: ForeignRecords;
  readonly isPtrUnread?: boolean;
  /** That of the group that owns what the group needs. */
  readonly ofOther?: string;
}

async function plan({
  sets = [],
  address,
  group = web,
  foreignRecords = 'refuse',
  isPtrUnread = false,
  ofOther,
}: World): Promise<DryRun> {
  const azure = new InMemoryAzure();
  azure.put(...sets);
  if (address !== undefined) azure.address(group, address);
  if (ofOther !== undefined) azure.address(api, ofOther);
  azure.before = (call) => {
    if (isPtrUnread && call.kind === 'read' && call.key.type === 'PTR') throw new Error('no answer');
  };
  const { containerGroups, recordSets } = azure.ports;
  const ports = { containerGroups, recordSets: { read: recordSets.read }, clock: { now: () => now } };
  const settings = { foreignRecords, policy: 'sync', hints: [], recordSets: [] } as const;
  return dryRun({ group, spoke: spokeOf(group), zones, ...settings }, ports, deadlineIn(10_000));
}

describe('the verdict on a plan', () => {
  it.each<[ReturnType<typeof planVerdict>, string, World]>([
    ['changes', 'records are missing', { address: here }],
    ['changes', 'some are, and others could not be read', { address: here, isPtrUnread: true }],
    ['unread', 'a PTR could not be read', { address: here, sets: right, isPtrUnread: true }],
    ['nothing', 'there is neither group nor record set', {}],
    ['nothingToDo', 'there is a record set of its name', { sets: [recordSet(aKey(web), [here])] }],
    ['nothingToDo', 'the records are right', { address: here, sets: right }],
    [
      'blocked',
      'a foreign record set is in the way',
      { address: here, sets: [recordSet(aKey(web), ['10.1.0.9'])] },
    ],
    ['blocked', 'its name is no DNS label', { address: here, group: groupId('a_b') }],
  ])('is %s when %s', async (verdict, _, world) => {
    expect(planVerdict(await plan(world))).toBe(verdict);
  });
});

describe('a plan for programs', () => {
  it('says what each change makes of a record set', async () => {
    const sets = [ownA(web, '10.1.0.9'), ownPtr(web, '10.1.0.9')];
    const { changes, leftAlone, uncoveredAddress } = planDocument(await plan({ address: here, sets }));
    expect(changes).toMatchObject([
      {
        action: 'update',
        type: 'A',
        name: hostOf(web),
        recordSet: recordSetId(aKey(web)),
        before: { values: ['10.1.0.9'] },
        after: { values: [here] },
      },
      { action: 'create', type: 'PTR', before: null, after: { values: [`${hostOf(web)}.`] } },
      { action: 'delete', type: 'PTR', before: { ttlSeconds: 30 }, after: null },
    ]);
    expect(leftAlone).toEqual([]);
    expect(uncoveredAddress).toBeNull();
  });

  it('names an address outside every reverse zone', async () => {
    expect(planDocument(await plan({ address: '192.168.0.4' })).uncoveredAddress).toBe('192.168.0.4');
  });

  it('says why a place could not be read, in the words of whoever shows it', async () => {
    const found = await plan({ address: here, isPtrUnread: true });
    expect(planDocument(found).unread).toMatchObject([
      { recordSet: recordSetId(ptrKey(here)), why: 'no answer' },
    ]);
    expect(planDocument(found, () => 'later').unread).toMatchObject([{ why: 'later' }]);
  });

  it.each<[string, World, boolean]>([
    ['it is correct', { address: here, sets: right }, false],
    [
      'the platform registered it for a virtual machine',
      { address: here, sets: [ownA(web, here, {}, { isAutoRegistered: true })] },
      true,
    ],
    [
      'it has no owner, and DNS_FOREIGN_RECORDS is refuse',
      { address: here, sets: [recordSet(aKey(web), ['10.1.0.9'])] },
      true,
    ],
    ['it has no owner and does not name the group', { sets: [recordSet(aKey(web), [here])] }, false],
    [
      `it belongs to the live container group ${api.key}`,
      {
        address: here,
        sets: [ownA(web, here), recordSet(ptrKey(here), ['x.'], { metadata: ownerMark(api) })],
        ofOther: here,
      },
      true,
    ],
    [
      `it belongs to ${api.key}`,
      { sets: [recordSet(aKey(web), [here], { metadata: ownerMark(api) })] },
      false,
    ],
  ])('says why a record set is left alone: %s', async (why, world, isObstacle) => {
    expect(planDocument(await plan(world)).leftAlone).toContainEqual(
      expect.objectContaining({ why, isObstacle }),
    );
  });
});
