import { EventEmitter, getEventListeners } from 'node:events';
import { expect, it, vi } from 'vitest';
import { imageChanges } from '../../src/replication/image-changes.ts';
import { d2, idOf, loginServer, repository } from './fixtures.ts';

/** Whoever waits for the repository, and whether that is over. */
function waiting(controller = new AbortController()) {
  const once = vi.spyOn(EventEmitter.prototype, 'once');
  const changes = imageChanges();
  let isOver = false;
  const waited = changes.next(loginServer, repository, controller.signal).then(() => {
    isOver = true;
  });
  const emitters = once.mock.contexts.filter((one) => one instanceof EventEmitter);
  once.mockRestore();
  /** Listeners that are left for the next change, and for the end of the wait. */
  const left = () => [
    emitters.reduce((sum, one) => sum + one.eventNames().length, 0),
    getEventListeners(controller.signal, 'abort').length,
  ];
  const settled = async () => {
    await Promise.resolve();
    await Promise.resolve();
    return isOver;
  };
  return { changes, controller, waited, left, settled };
}

it('whoever waits is woken by a change of any image of the repository, and leaves nothing behind', async () => {
  const { changes, left, settled } = waiting();
  expect(left()).toEqual([1, 1]);
  changes.notify({ ...idOf(), repository: 'team/other' });
  expect(await settled()).toBe(false);
  changes.notify(idOf(d2));
  expect(await settled()).toBe(true);
  expect(left()).toEqual([0, 0]);
});

it('whoever waits is woken when nobody waits for the answer any more, and leaves nothing behind', async () => {
  const { controller, left, settled } = waiting();
  controller.abort();
  expect(await settled()).toBe(true);
  expect(left()).toEqual([0, 0]);
});

it('whoever comes too late does not wait', async () => {
  const controller = new AbortController();
  controller.abort();
  const { left, settled } = waiting(controller);
  expect(await settled()).toBe(true);
  expect(left()).toEqual([0, 0]);
});
