import { describe, expect, it } from 'vitest';
import {
  MissingPermissionError,
  RefusedCallError,
  StateUnavailableError,
  ThrottledError,
} from '../../src/lib/errors.ts';
import { applyChange } from '../../src/routing/apply.ts';
import { newIntent } from '../../src/routing/intent.ts';
import { tagName } from '../../src/routing/ownership-tag.ts';
import { reviewRegistry } from '../../src/routing/review-registries.ts';
import { NewerReviewStateError } from '../../src/routing/state-codec.ts';
import { SignalError } from '../../src/signals/signal.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { alive, aReplica, failing, minuteText, replicaIn } from './fixtures.ts';
import { noAnswer, type Patch, World } from './world.ts';

const regions = ['eastus', 'westus', 'uksouth'];
/** westus has been bad twice: the next review flags it. */
async function aboutToFlag(
  ...rest: ConstructorParameters<typeof World> extends [unknown, ...infer Rest] ? Rest : never
) {
  const world = new World(regions, ...rest);
  world.reachability.set('westus', failing);
  await world.review(2);
  return world;
}
const westus = (world: World) => replicaIn(world.state, 'westus');
const typesOf = (world: World) => world.published.map(({ type }) => type.split('.').at(-1));

describe('the review of a registry under enforce', () => {
  it('switches a replica off and on again, keeps other tags, and signals both', async () => {
    const world = await aboutToFlag();
    world.set('westus', { tags: { team: 'payments' } });
    const flagging = await world.review();
    expect(flagging.changes).toEqual([
      { replica: 'westus', to: 'disabled', outcome: 'done', detail: 'read back' },
    ]);
    expect(westus(world)).toMatchObject({
      routing: 'disabled',
      disabledByUs: true,
      intent: { outcome: 'done' },
    });
    expect((await world.review()).state.problems).toEqual([]);
    world.reachability.set('westus', alive);
    await world.review(20);
    expect(world.patches).toEqual([
      { name: 'westus', enabled: false, tags: { team: 'payments', [tagName]: `disabled@${minuteText(2)}` } },
      { name: 'westus', enabled: true, tags: { team: 'payments' } },
    ]);
    expect(westus(world)).toMatchObject({ routing: 'enabled', disabledByUs: false, reversals: 0 });
    expect(typesOf(world)).toEqual(['flagged', 'cleared']);
    expect(world.state?.outbox).toEqual([]);
  });

  it('writes once when there is nothing to change, and publishes nothing', async () => {
    const world = new World(regions);
    const calls: string[] = [];
    world.around = (call, moment) => {
      if (moment === 'before' && /state|publish/.test(call)) calls.push(call);
    };
    await world.review();
    // The first review also looks under the keys of earlier versions.
    expect(calls).toEqual(['read state', 'read state', 'read state', 'write state']);
    await world.review();
    expect(calls.slice(4)).toEqual(['read state', 'write state']);
  });

  it('counts no late images of a registry of which nobody knows any', async () => {
    const world = new World(regions);
    const lateImages = { late: new Map(), uncounted: new Map() };
    const request = { registry: world.registry, rules: world.rules, lateImages };
    await reviewRegistry(request, world.ports, noDeadline);
    expect(westus(world).evidence.lateImages).toEqual({ late: 0, lateInRegistry: 0 });
  });

  it('writes the intent before it sends the change', async () => {
    const world = await aboutToFlag();
    let written: unknown;
    world.onPatch = (patch) => {
      written = westus(world).intent;
      return world.apply(patch);
    };
    await world.review();
    expect(written).toEqual({ to: 'disabled', at: minuteText(2), outcome: 'pending' });
  });

  it('believes each replica by id when the list is wrong', async () => {
    const world = await aboutToFlag();
    const stale = [...world.replicas.values(), aReplica('norwayeast')];
    world.set('westus', { globalRouting: 'disabled' });
    world.list = stale;
    await world.review();
    expect(world.patches).toEqual([]);
    // It may be there, and nobody has seen it.
    expect(world.state?.replicas.find(({ region }) => region === 'norwayeast')).toMatchObject({
      ...{ routing: 'unread', health: 'inconclusive', evidence: { provisioning: null, absent: 'listed' } },
    });
    expect(westus(world).action.because).toBe('somebody else has switched it off');
  });

  it('keeps reading a replica that the list leaves out while it exists', async () => {
    const world = new World(regions);
    await world.review();
    world.list = [aReplica('eastus')];
    await world.review();
    expect(world.state?.replicas).toHaveLength(3);
    world.replicas.delete('uksouth');
    expect((await world.review()).events).toEqual([]);
    const { events } = await world.review();
    expect(world.state?.replicas.map(({ region }) => region)).toEqual(['eastus', 'westus']);
    expect(events).toEqual([{ replica: 'uksouth', region: 'uksouth', kind: 'gone' }]);
  });

  it('switches on what it had switched off before the replica was gone and came back', async () => {
    const world = await aboutToFlag();
    await world.review();
    expect(world.routed()).not.toContain('westus');
    const off = world.replicas.get('westus') ?? aReplica('westus');
    world.replicas.delete('westus');
    for (let looks = 0; looks < 2; looks += 1) await world.review();
    expect(world.state?.replicas.map(({ region }) => region)).not.toContain('westus');
    world.replicas.set('westus', { ...off, tags: {} });
    world.reachability.set('westus', alive);
    for (let looks = 0; looks < 8; looks += 1) await world.review(15);
    expect(world.routed()).toContain('westus');
  });

  it('changes nothing when Azure does not report whether a replica is routed', async () => {
    const world = await aboutToFlag();
    world.set('westus', { globalRouting: 'unknown' });
    await world.review(5);
    expect(world.patches).toEqual([]);
    expect(westus(world)).toMatchObject({
      verdict: { flagged: true },
      action: { because: 'Azure does not report whether it is routed' },
    });
  });

  it('reads the replica again before a change, and skips it when somebody was faster', async () => {
    const world = await aboutToFlag();
    let writes = 0;
    world.around = (call, moment) => {
      if (call !== 'write state' || moment !== 'after') return;
      writes += 1;
      if (writes === 1) world.set('westus', { globalRouting: 'disabled' });
    };
    const { changes } = await world.review();
    expect(world.patches).toEqual([]);
    expect(changes).toMatchObject([
      { outcome: 'notSent', detail: 'somebody else changed it first: it is disabled' },
    ]);
    expect(westus(world).disabledByUs).toBe(false);
    expect(world.state?.recentChanges).toEqual([]);
  });
});

describe('several changes of one review', () => {
  it('switch on first', async () => {
    const world = await aboutToFlag({ minimumRoutable: 0 });
    await world.review();
    world.reachability.set('westus', alive);
    await world.review(4);
    world.reachability.set('eastus', failing);
    // Both are due at the same review: the hold-down of the one ends when the other is flagged.
    world.rules = { ...world.rules, mode: 'flag' };
    await world.review(8);
    world.rules = { ...world.rules, mode: 'enforce', changesPerHour: 9 };
    await world.review();
    expect(world.patches.slice(1).map(({ name, enabled }) => [name, enabled])).toEqual([
      ['westus', true],
      ['eastus', false],
    ]);
  });
});

describe('a change that Azure', () => {
  const deny = (error: Error) => () => {
    throw error;
  };
  it('forbids leaves the flag, names the missing role once per review, and costs no budget', async () => {
    const registry = {
      minimumRoutable: 0,
      policy: ['westus', 'uksouth'].map((region) => ({ region, routing: 'never' as const })),
    };
    const world = new World(regions, registry);
    const missing = new MissingPermissionError('set global routing', 'myregistry', 'Contributor', '403');
    world.onPatch = deny(missing);
    const first = await world.review();
    expect(first.refusal).toBe(missing);
    expect(first.changes.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
    expect(world.patches).toHaveLength(1);
    expect(westus(world)).toMatchObject({ verdict: { flagged: true }, disabledByUs: false });
    expect(world.state?.recentChanges).toEqual([]);
    world.onPatch = (patch) => world.apply(patch);
    const second = await world.review();
    expect(second.refusal).toBeUndefined();
    expect(world.routed()).toEqual(['eastus']);
  });

  it.each<[string, Error, string]>([
    [
      'refuses fails, and is tried again after the hold-down',
      new RefusedCallError('set', 'myregistry', '409'),
      'failed',
    ],
    [
      'throttles counts as not sent, and is planned again',
      new ThrottledError('set', 'myregistry', 9_000),
      'notSent',
    ],
    ['leaves without an answer is uncertain', noAnswer('set'), 'uncertain'],
  ])('%s', async (_, error, outcome) => {
    const world = await aboutToFlag();
    world.onPatch = deny(error);
    await world.review();
    expect(westus(world).intent?.outcome).toBe(outcome);
    world.onPatch = (patch) => world.apply(patch);
    await world.review();
    expect(world.patches).toHaveLength(outcome === 'notSent' ? 2 : 1);
    await world.review(10);
    expect(westus(world)).toMatchObject({ disabledByUs: true, intent: { outcome: 'done' } });
    expect(world.patches).toHaveLength(2);
  });

  it('never answers is uncertain, and delays nothing beyond the time of the run', async () => {
    const world = await aboutToFlag();
    const time = new AbortController();
    world.around = (call, moment) => {
      if (call !== 'set routing' || moment !== 'after') return;
      time.abort(new DOMException('', 'TimeoutError'));
      return new Promise(() => {});
    };
    const deadline = { signal: time.signal, remainingMs: () => 30_000 };
    const intent = newIntent('disabled', minuteText(2), undefined);
    expect(await applyChange(world.registry, 'westus', intent, world.ports, deadline)).toMatchObject({
      outcome: 'uncertain',
      detail: 'no answer in time',
    });
  });

  it('is not sent when little time is left', async () => {
    const world = await aboutToFlag();
    const { changes } = await world.runAlone(1_500);
    expect(changes).toMatchObject([{ outcome: 'notSent', detail: 'no time was left' }]);
    expect(world.patches).toEqual([]);
    expect(world.state?.recentChanges).toEqual([]);
  });

  it('made without an answer is discovered by the next review', async () => {
    const world = await aboutToFlag();
    world.onPatch = (patch) => {
      world.apply(patch);
      throw noAnswer('set');
    };
    await world.review(5);
    expect(world.patches).toHaveLength(1);
    expect(westus(world)).toMatchObject({ disabledByUs: true, intent: { outcome: 'done' } });
    expect(world.state?.recentChanges).toEqual([minuteText(2)]);
  });

  it('takes long to make is followed by later reviews, and nothing else is planned for the replica', async () => {
    const world = await aboutToFlag();
    let accepted: Patch | undefined;
    world.onPatch = (patch) => {
      accepted = patch;
      world.set('westus', { provisioningState: 'Updating' });
      return 'running';
    };
    await world.review(5);
    expect(westus(world)).toMatchObject({
      intent: { outcome: 'running' },
      action: { because: 'an earlier change is still in progress' },
    });
    if (accepted !== undefined) world.apply(accepted);
    world.set('westus', { provisioningState: 'Succeeded' });
    await world.review();
    expect(world.patches).toHaveLength(1);
    expect(westus(world)).toMatchObject({ disabledByUs: true, intent: { outcome: 'done' } });
  });
});

describe('a writer that reverses every change', () => {
  it('causes a contest after as many reversals as the setting allows, and the replica is left alone', async () => {
    const world = await aboutToFlag({}, { changesPerHour: 9 });
    for (let count = 0; count < 60; count++) {
      await world.review();
      world.set('westus', { globalRouting: 'enabled', lastModifiedBy: 'terraform' });
    }
    expect(world.patches).toHaveLength(3);
    expect(typesOf(world).filter((type) => type === 'contested')).toHaveLength(1);
    expect(world.published.find(({ type }) => type.endsWith('contested'))?.data).toMatchObject({
      lastModifiedBy: 'terraform',
      reversals: 3,
      resume: expect.stringMatching(
        /^az tag update --resource-id \S+westus --operation Merge --tags evenkeel:globalRouting=resume-/,
      ),
    });
    world.set('westus', { tags: { [tagName]: 'resume' } });
    await world.review();
    expect(world.patches).toHaveLength(4);
  });
  it('is null in the signal where Azure does not name it', async () => {
    const world = await aboutToFlag({}, { contestLimit: 1 });
    await world.review();
    world.set('westus', { globalRouting: 'enabled', lastModifiedBy: undefined });
    await world.review();
    expect(world.published.find(({ type }) => type.endsWith('contested'))?.data).toMatchObject({
      ...{ contestedSince: minuteText(3), lastModifiedBy: null },
    });
  });
});

describe('a control plane that does not answer', () => {
  it('stops changes within the time of the run, while endpoints are still probed', async () => {
    const world = await aboutToFlag();
    const never = new Promise<void>(() => {});
    world.around = (call) => (/registry|replica/.test(call) ? never : undefined);
    const started = performance.now();
    await world.run(800);
    expect(performance.now() - started).toBeLessThan(800);
    expect(world.state).toMatchObject({ controlPlaneError: { reason: 'no answer in time' } });
    expect(world.patches).toEqual([]);
  });

  it('and says so at once still lets endpoints be shown and verdicts change', async () => {
    const world = await aboutToFlag();
    world.around = (call) => {
      if (/registry|replica/.test(call)) throw noAnswer(call);
    };
    await world.review();
    expect(world.state?.controlPlaneError?.since).toBe(minuteText(2));
    expect(westus(world)).toMatchObject({
      verdict: { flagged: true },
      evidence: { reachability: failing },
      routing: 'unread',
    });
    world.around = () => {};
    await world.review();
    expect(world.state?.controlPlaneError).toBeUndefined();
    expect(world.routed()).toEqual(['eastus', 'uksouth']);
  });

  it('has no such registry, which is reported, and nothing is changed', async () => {
    const world = await aboutToFlag();
    world.exists = false;
    const { state } = await world.review();
    expect(state.controlPlaneError?.reason).toMatch(/does not exist: .*REGISTRIES/);
    expect(world.patches).toEqual([]);
  });
});

describe('a topic that does not answer', () => {
  it('fails the review, and gets the same event from the next one', async () => {
    const world = await aboutToFlag();
    const down = new SignalError(1, { cause: new Error('503') });
    const offered: string[] = [];
    const { onPublish } = world;
    world.onPublish = (signals) => {
      offered.push(...signals.map(({ id }) => id));
      throw down;
    };
    await expect(world.run()).rejects.toBe(down);
    expect(westus(world)).toMatchObject({ disabledByUs: true, intent: { outcome: 'done' } });
    expect(world.state?.outbox.map(({ id }) => id)).toEqual(offered);
    world.onPublish = onPublish;
    await world.review();
    expect(world.published.map(({ id }) => id)).toEqual(offered);
    expect(world.state?.outbox).toEqual([]);
  });
});

describe('stored state', () => {
  it('that cannot be written prevents every change', async () => {
    const world = await aboutToFlag();
    world.around = (call) => {
      if (call === 'write state') throw new StateUnavailableError('a write', 1, {});
    };
    await expect(world.run()).rejects.toThrow(StateUnavailableError);
    expect(world.patches).toEqual([]);
    expect(world.published).toEqual([]);
  });
  it('that cannot be read is reset, and the review says so', async () => {
    const world = await aboutToFlag();
    world.stored = { text: 'garbage', etag: world.stored?.etag ?? '' };
    const { stateReset } = await world.review();
    expect(stateReset).toBe(true);
    expect((await world.review()).stateReset).toBe(false);
    expect((await new World(regions).review()).stateReset).toBe(false);
    world.stored = { text: 'garbage', etag: world.stored?.etag ?? '' };
    await world.review();
    expect(westus(world).reviews).toHaveLength(1);
  });
  it('of a later version is not overwritten', async () => {
    const world = await aboutToFlag();
    world.stored = { text: '{"layout":4}', etag: world.stored?.etag ?? '' };
    await expect(world.run()).rejects.toThrow(NewerReviewStateError);
    expect(world.stored.text).toBe('{"layout":4}');
  });
});

describe('a replica that is flagged again before it is back in routing', () => {
  it('waits for what its first flag waited for, whatever raised the second one', async () => {
    const world = new World(['eastus', 'westus', 'uksouth']);
    world.lateImages.set('westus', 4);
    await world.review(3);
    expect(world.routed()).not.toContain('westus');
    world.lateImages.clear();
    await world.review(6);
    expect(replicaIn(world.state, 'westus')).toMatchObject({ verdict: { flagged: false } });
    world.reachability.set('westus', failing);
    await world.review(3);
    world.reachability.set('westus', alive);
    world.uncounted.set('westus', 4);
    await world.review(30);
    expect(replicaIn(world.state, 'westus')).toMatchObject({
      verdict: { flagged: true },
      disabledByUs: true,
    });
    world.uncounted.clear();
    await world.review(10);
    expect(world.routed()).toContain('westus');
  });
});
