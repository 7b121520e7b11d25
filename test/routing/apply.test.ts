import { describe, expect, it } from 'vitest';
import type { Deadline } from '../../src/lib/deadline.ts';
import type { Replica } from '../../src/registries/replica.ts';
import { type ApplyResult, applyChange, withApplyResult } from '../../src/routing/apply.ts';
import { newIntent } from '../../src/routing/intent.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { aReplica, minuteText, replicaIn, stateAfter } from './fixtures.ts';
import { noAnswer, World } from './world.ts';

const off = newIntent('disabled', minuteText(0), undefined);
/** So much time is left, one after the other, whenever somebody looks. */
const timeLeft = (...ms: number[]): Deadline => ({ ...noDeadline, remainingMs: () => ms.shift() ?? 0 });
const change = (world: World, deadline: Deadline = noDeadline) =>
  applyChange(world.registry, 'westus', off, world.ports, deadline);
const newWorld = () => new World(['eastus', 'westus']);

describe('a planned change', () => {
  it.each<[string, Partial<Replica>, string]>([
    [
      'does not show whether it is routed',
      { globalRouting: 'unknown' },
      'Azure does not report whether it is routed',
    ],
    [
      'was changed by somebody else',
      { globalRouting: 'disabled' },
      'somebody else changed it first: it is disabled',
    ],
    ['is being changed', { provisioningState: 'Updating' }, 'a change is in progress: Updating'],
  ])('is not sent when the replica %s, which is shown', async (_, seen, detail) => {
    const world = newWorld();
    world.set('westus', seen);
    expect(await change(world)).toEqual({
      ...{ outcome: 'notSent', detail, refusal: undefined },
      seen: world.replicas.get('westus'),
    });
    expect(world.patches).toEqual([]);
  });

  it('is not sent when the replica is gone, or cannot be looked at', async () => {
    const world = newWorld();
    world.around = (call) => {
      if (call === 'read replica') throw noAnswer('read');
    };
    expect(await change(world)).toMatchObject({ outcome: 'notSent', detail: noAnswer('read').message });
    world.around = () => {};
    world.replicas.delete('westus');
    expect(await change(world)).toEqual({
      ...{ outcome: 'notSent', detail: 'the replication no longer exists' },
      ...{ seen: undefined, refusal: undefined },
    });
    expect(world.patches).toEqual([]);
  });

  it('is sent as long as two seconds are left, before and after the look', async () => {
    const world = newWorld();
    expect(await change(world, timeLeft(1_999))).toMatchObject({
      ...{ outcome: 'notSent', detail: 'no time was left', seen: undefined },
    });
    expect(await change(world, timeLeft(9_000, 1_999))).toMatchObject({
      ...{ outcome: 'notSent', detail: 'no time was left', seen: { name: 'westus' } },
    });
    expect(world.patches).toEqual([]);
    expect(await change(world, timeLeft(2_000, 2_000))).toMatchObject({ outcome: 'done' });
  });

  it('that Azure only accepted is not read back', async () => {
    const world = newWorld();
    world.onPatch = () => 'running';
    let reads = 0;
    world.around = (call, moment) => {
      if (call === 'read replica' && moment === 'before') reads += 1;
    };
    expect(await change(world)).toEqual({
      ...{ outcome: 'running', detail: 'accepted', seen: undefined, refusal: undefined },
    });
    expect(reads).toBe(1);
  });

  it.each<[string, (world: World) => void, string]>([
    ['otherwise', () => {}, 'done, but it reads back as enabled'],
    ['as gone', (world) => world.replicas.delete('westus'), 'done, but it reads back as gone'],
    [
      'without an answer',
      (world) => {
        world.around = () => {
          throw noAnswer('read');
        };
      },
      `done, but it could not be read back: ${noAnswer('read').message}`,
    ],
  ])('that is done is done, also when it reads back %s', async (_, then, detail) => {
    const world = newWorld();
    world.onPatch = () => 'done';
    world.around = (call, moment) => {
      if (call === 'set routing' && moment === 'after') then(world);
    };
    expect(await change(world)).toMatchObject({ outcome: 'done', detail });
  });
});

describe('the state after a change', () => {
  const before = stateAfter(1);
  const result = (changes: Partial<ApplyResult>) => ({
    ...{ outcome: 'running' as const, detail: 'accepted', seen: undefined },
    ...changes,
  });
  it('shows the routing that was read last', () => {
    const after = withApplyResult(before, 'westus', result({}));
    expect(replicaIn(after, 'westus')).toMatchObject({ routing: 'enabled', intent: { outcome: 'running' } });
    const seen = aReplica('westus', { globalRouting: 'disabled' });
    expect(replicaIn(withApplyResult(before, 'westus', result({ seen })), 'westus').routing).toBe('disabled');
  });
  it('is the same where nothing was planned', () => {
    expect(withApplyResult(before, 'eastus', result({}))).toBe(before);
    expect(withApplyResult(before, 'uksouth', result({}))).toBe(before);
  });
});
