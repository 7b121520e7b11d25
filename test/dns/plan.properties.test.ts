import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/dns/change.ts';
import { type PlanInput, planChanges, type Slot } from '../../src/dns/plan.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId } from '../../src/dns/record-set.ts';
import { ago, aKey, groupId, hostOf, minuteMs, now, ownerMark, ptrKey } from './fixtures.ts';

const web = groupId('web');
const api = groupId('api');
const addresses = ['10.1.0.4', '10.1.0.5', '10.2.0.6', '10.2.0.7'];
const anAddress = fc.constantFrom(...addresses);
const aHost = fc.constantFrom(
  `${hostOf(web)}.`,
  hostOf(web).toUpperCase(),
  `${hostOf(api)}.`,
  'legacy.contoso.com.',
);

const aMemory = fc
  .array(fc.tuple(anAddress, fc.integer({ min: 0, max: 2000 })), { maxLength: 4 })
  .map((entries) =>
    entries.map(([address, minutes]) => `${address}@${ago(minutes * minuteMs).toISOString()}`),
  );
const someMetadata = fc.record(
  {
    evenkeelOwner: fc.constantFrom(web.key, api.key, 'nonsense'),
    evenkeelPrevious: aMemory.map(String),
    evenkeelStamp: fc.constantFrom(ago(minuteMs).toISOString(), ago(2 * minuteMs).toISOString(), 'nonsense'),
    team: fc.constant('payments'),
  },
  { requiredKeys: [] },
);
const aSet = (key: RecordSetKey, value: fc.Arbitrary<string>): fc.Arbitrary<ObservedRecordSet> =>
  fc.record({
    key: fc.constant(key),
    values: fc.uniqueArray(value, {
      maxLength: 3,
      selector: (text) => text.toLowerCase().replace(/\.$/, ''),
    }),
    ttlSeconds: fc.constantFrom(30, 60),
    metadata: someMetadata,
    etag: fc.constant('etag-0'),
    isAutoRegistered: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  });
const aSlot = (key: RecordSetKey, value: fc.Arbitrary<string>): fc.Arbitrary<Slot> =>
  fc.option(aSet(key, value), { nil: undefined }).map((observed) => ({ key, observed }));

const aSituation: fc.Arbitrary<PlanInput> = fc
  .record({
    address: fc.option(anAddress, { nil: undefined }),
    a: aSlot(aKey(web), anAddress),
    ptrs: fc.tuple(...addresses.map((address) => aSlot(ptrKey(address), aHost))),
    old: fc.subarray(addresses),
    touched: fc.subarray(addresses),
    claimed: fc.subarray([aKey(web), ...addresses.map(ptrKey)].map(recordSetId)),
    foreignRecords: fc.constantFrom('overwrite', 'refuse'),
    isCovered: fc.boolean(),
    hasUnread: fc.boolean(),
  })
  .map(({ address, a, ptrs, old, touched, claimed, foreignRecords, isCovered, hasUnread }) => {
    const ptrOf = (wanted: string) => ptrs.find((_, index) => addresses[index] === wanted);
    return {
      groupKey: web.key,
      hostName: hostOf(web),
      formerHostNames: [],
      address,
      ttlSeconds: 30,
      foreignRecords,
      foreignRecordsAtA: foreignRecords,
      policy: 'sync' as const,
      a,
      ptr: address !== undefined && isCovered ? ptrOf(address) : undefined,
      old: old.filter((candidate) => candidate !== address).flatMap((candidate) => ptrOf(candidate) ?? []),
      misplaced: [],
      unread: hasUnread ? [{ key: ptrKey('10.1.0.77'), error: new Error('no answer') }] : [],
      touched,
      claimed: new Set(claimed),
      now,
    };
  });

/** The input as it is once the changes took effect. */
function applied(input: PlanInput, changes: readonly Change[]): PlanInput {
  const results = new Map<string, ObservedRecordSet | undefined>();
  for (const change of changes) {
    const key = change.action === 'create' ? change.key : change.from.key;
    const set =
      change.action === 'delete' ? undefined : { ...change.to, key, etag: 'etag-1', isAutoRegistered: false };
    results.set(recordSetId(key), set);
  }
  const renew = (slot: Slot): Slot => {
    const id = recordSetId(slot.key);
    return results.has(id) ? { key: slot.key, observed: results.get(id) } : slot;
  };
  return {
    ...input,
    a: renew(input.a),
    ptr: input.ptr && renew(input.ptr),
    old: input.old.map(renew),
  };
}

/** What the zones hold, without regard to the order of values and of what is remembered. */
const contentOf = ({ a, ptr, old }: PlanInput) =>
  [a, ...(ptr === undefined ? [] : [ptr]), ...old]
    .flatMap(({ observed }) => observed ?? [])
    .map(({ key, values, metadata, ttlSeconds }) => ({
      id: recordSetId(key),
      values: values.toSorted(),
      ttlSeconds,
      metadata: { ...metadata, evenkeelPrevious: metadata['evenkeelPrevious']?.split(',').toSorted() },
    }))
    .toSorted((x, y) => (x.id < y.id ? -1 : 1));

describe('a plan', () => {
  it('leaves nothing to plan once it is applied', () => {
    fc.assert(
      fc.property(aSituation, (input) => {
        const { changes, blocked } = planChanges(input);
        const again = planChanges(applied(input, changes));
        expect(again.changes).toEqual([]);
        expect(again.blocked.map(({ reason }) => reason)).toEqual(blocked.map(({ reason }) => reason));
      }),
      { numRuns: 1500 },
    );
  });

  it('leads to the same end in whatever order things are read', () => {
    const reordered = aSituation.chain((input) =>
      fc.record({
        old: fc.shuffledSubarray([...input.old], { minLength: input.old.length }),
        touched: fc.shuffledSubarray([...input.touched], { minLength: input.touched.length }),
        input: fc.constant(input),
      }),
    );
    const reversed = (slot: Slot): Slot => {
      const { observed } = slot;
      if (observed === undefined) return slot;
      const metadata = Object.fromEntries(Object.entries(observed.metadata).toReversed());
      const previous = metadata['evenkeelPrevious']?.split(',').toReversed().join(',');
      return {
        key: slot.key,
        observed: {
          ...observed,
          values: observed.values.toReversed(),
          metadata: { ...metadata, ...(previous === undefined ? {} : { evenkeelPrevious: previous }) },
        },
      };
    };
    fc.assert(
      fc.property(reordered, ({ input, old, touched }) => {
        const { ptr } = input;
        const other: PlanInput = {
          ...input,
          a: reversed(input.a),
          ptr: ptr && reversed(ptr),
          old: old.map(reversed),
          touched: touched,
        };
        const plan = planChanges(input);
        const otherPlan = planChanges(other);
        expect(otherPlan.changes).toHaveLength(plan.changes.length);
        expect(contentOf(applied(other, otherPlan.changes))).toEqual(contentOf(applied(input, plan.changes)));
      }),
      { numRuns: 1500 },
    );
  });

  it('touches nothing of the platform and nothing that another group has a claim to', () => {
    fc.assert(
      fc.property(aSituation, (input) => {
        for (const change of planChanges(input).changes) {
          if (change.action === 'create') continue;
          expect(change.from.isAutoRegistered).toBe(false);
          const isTheirs = change.from.metadata['evenkeelOwner'] === ownerMark(api).evenkeelOwner;
          if (isTheirs) expect(input.claimed).not.toContain(recordSetId(change.from.key));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('writes a PTR that names us only after A, and deletes A only last', () => {
    fc.assert(
      fc.property(aSituation, (input) => {
        const { changes } = planChanges(input);
        const keys = changes.map((change) => (change.action === 'create' ? change.key : change.from.key));
        const naming = changes.findIndex(
          (change, index) =>
            keys[index]?.type === 'PTR' &&
            change.action !== 'delete' &&
            change.to.values.includes(`${hostOf(web)}.`),
        );
        const { evenkeelStamp, evenkeelOwner = '' } = input.a.observed?.metadata ?? {};
        const isStampFresh = evenkeelStamp === ago(minuteMs).toISOString();
        const isLeftForeign =
          input.foreignRecords === 'refuse' && ![web.key, api.key].includes(evenkeelOwner);
        if (naming >= 0 && !isStampFresh && !isLeftForeign) expect(keys[0]?.type).toBe('A');
        const removal = changes.findIndex(
          (change, index) => keys[index]?.type === 'A' && change.action === 'delete',
        );
        if (removal >= 0) expect(removal).toBe(changes.length - 1);
      }),
      { numRuns: 1000 },
    );
  });
});
