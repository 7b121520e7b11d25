import { describe, expect, expectTypeOf, it } from 'vitest';
import { largeStatus } from '../../scripts/status-page/large-status.ts';
import { emptyStatus, evenStatus, unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { parseStatus, type Status } from '../../src/page/status.ts';
import type { StatusDocument } from '../../src/status/status-document.ts';

describe('the page', () => {
  it.each([
    ['an empty', emptyStatus],
    ['an even', evenStatus],
    ['an uneven', unevenStatus],
    ['a large', largeStatus()],
  ])('understands %s status, and loses nothing that it shows', (_, document) => {
    const status = parseStatus(JSON.parse(JSON.stringify(document)));
    expect(document).toMatchObject(status ?? {});
    expect(status?.registries.length).toBe(document.registries.length);
  });

  it('reads what the app tells, by type', () => {
    expectTypeOf<StatusDocument['problems'][number]>().toExtend<Status['problems'][number]>();
    expectTypeOf<StatusDocument['dns']['spokes'][number]>().toExtend<Status['dns']['spokes'][number]>();
  });

  it('does without what an older app does not tell', () => {
    const { unknown: _, signals, ...older } = evenStatus;
    const { topic: __, ...olderSignals } = signals;
    expect(parseStatus({ ...older, signals: olderSignals })).toMatchObject({
      unknown: [],
      signals: { topic: true },
    });
  });

  it.each([
    ['no object', 'even'],
    ['nothing', null],
    ['an error', { error: { code: 'x' } }],
  ])('does not understand %s', (_, value) => {
    expect(parseStatus(value)).toBeUndefined();
  });
});
