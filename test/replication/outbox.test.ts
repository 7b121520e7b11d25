import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/signals/signal.ts';
import { digestNumber, minuteMs, push } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

/** An app whose topic refuses what the test says, and one process of it. */
function anApp(isRefused: (signals: readonly Signal[]) => boolean) {
  const app = new InMemoryApp(['eastus']);
  let attempts = 0;
  app.onPublish = (signals) => {
    attempts += 1;
    if (isRefused(signals)) throw new Error('the topic does not take it');
  };
  return { app, one: app.process(), attempts: () => attempts };
}
const digestsOf = (signals: readonly Signal[]) => signals.map(({ data }) => String(data['digest']));

describe('signals that a topic refuses', () => {
  it('delay no others: of 1,000 with 2 % refused, 980 go out at once, and the rest when they are taken', async () => {
    const refused = new Set(Array.from({ length: 20 }, (_, index) => digestNumber(index * 50)));
    let isMended = false;
    const { app, one } = anApp(
      (signals) => !isMended && digestsOf(signals).some((digest) => refused.has(digest)),
    );
    for (let index = 0; index < 1_000; index += 1) {
      await one.record(push(1 + index / 1_000, { digest: digestNumber(index) }));
    }
    expect(app.signals()).toHaveLength(980);
    isMended = true;
    app.nowMs += minuteMs;
    await one.review();
    expect(app.signals()).toHaveLength(1_000);
  });

  it('delay no others of the same image', async () => {
    const { app, one } = anApp((signals) => signals.some(({ subject }) => subject === 'team/app:bad'));
    app.directory.hold();
    for (const tag of ['bad', 'good', 'better']) await one.record(push(1, { tag }));
    app.directory.hold('eastus');
    await one.record(push(2, { tag: 'last' }));
    await one.review();
    expect(
      app
        .signals()
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual([...['team/app:better', 'team/app:good', 'team/app:last']]);
  });

  it('are tried less and less often', async () => {
    const { app, one, attempts } = anApp(() => true);
    await one.record(push(1));
    for (let minutes = 0; minutes < 120; minutes += 1) {
      app.nowMs += minuteMs;
      await one.review();
    }
    expect(attempts()).toBeLessThan(14);
    app.onPublish = () => {};
    app.nowMs += 61 * minuteMs;
    await one.review();
    expect(app.signals()).toHaveLength(1);
  });
});

describe('a topic that is down', () => {
  it('is tried seldom, whatever is to be published', async () => {
    const { one, attempts } = anApp(() => true);
    for (let index = 0; index < 200; index += 1) await one.record(push(1, { digest: digestNumber(index) }));
    expect(attempts()).toBe(3);
  });
});
