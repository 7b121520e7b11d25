import { describe, expect, it } from 'vitest';
import { sampleZoneMap } from '../../../../local/azure/sample.ts';
import { findPlaces } from '../../../../src/cli/commands/doctor/places.ts';
import { parseConfig } from '../../../../src/config.ts';
import { deadlineIn } from '../../../../src/lib/deadline.ts';
import { MissingPermissionError } from '../../../../src/lib/errors.ts';

const refused = new MissingPermissionError('read', '/subscriptions/other', 'assign the role Reader', '403');
const map = { DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-a': sampleZoneMap['rg-spoke-a'] }) };

/** The group is in every subscription but `other`, which refuses. */
const find = (settings: Record<string, string>, visible: readonly string[]) =>
  findPlaces(
    parseConfig({ ...map, ...settings }),
    { list: () => Promise.resolve(visible) },
    {
      find: (path) =>
        path.includes(other) ? Promise.reject(refused) : Promise.resolve({ id: path, location: 'x' }),
    },
    deadlineIn(1000),
  );

const ours = '11111111-1111-1111-1111-111111111111';
const other = '22222222-2222-2222-2222-222222222222';

describe('where the resource groups of the zone map are', () => {
  it('is known though a subscription that no setting names refuses', async () => {
    const { found, missing } = await find({}, [ours, other]);
    expect(found.map(({ subscriptionId }) => subscriptionId)).toEqual([ours]);
    expect(missing).toEqual([]);
  });

  it('is not known where that is the only one, and the error names AUDIT_SUBSCRIPTIONS', async () => {
    await expect(find({}, [other])).rejects.toThrow(/assign the role Reader; or .* AUDIT_SUBSCRIPTIONS/);
  });

  it('is not known where a subscription that a setting names refuses', async () => {
    await expect(find({ AUDIT_SUBSCRIPTIONS: JSON.stringify([ours, other]) }, [])).rejects.toBe(refused);
  });
});
