import { describe, expect, it } from 'vitest';
import { newIntent } from '../../src/routing/intent.ts';
import {
  isTaggedDisabled,
  resumeRequest,
  stampOf,
  tagName,
  tagsFor,
} from '../../src/routing/ownership-tag.ts';
import { minuteText } from './fixtures.ts';

const at = minuteText(0);

describe('the tags of a replication', () => {
  const intent = { to: 'disabled', at } as const;
  it('are kept, with ours among them while it is out of routing', () => {
    const tags = { team: 'payments' };
    const out = tagsFor(intent, tags);
    expect(out).toEqual({ team: 'payments', [tagName]: `disabled@${at}` });
    expect(tagsFor({ ...intent, to: 'enabled' }, out)).toEqual(tags);
  });
  it('contain ours once, whatever its casing was', () => {
    expect(tagsFor(intent, { 'Evenkeel:GlobalRouting': 'resume' })).toEqual({ [tagName]: `disabled@${at}` });
  });
  it('carry the same stamp for all attempts at a change, and another for the next change', () => {
    const first = newIntent('disabled', minuteText(0), undefined);
    const second = newIntent('disabled', minuteText(1), { ...first, outcome: 'failed' });
    const third = newIntent('disabled', minuteText(2), { ...second, outcome: 'notSent' });
    expect(stampOf(third)).toBe(stampOf(first));
    expect(stampOf(newIntent('disabled', minuteText(3), { ...third, outcome: 'done' }))).toBe(
      `disabled@${minuteText(3)}`,
    );
    expect(stampOf(newIntent('enabled', minuteText(3), third))).toBe(`enabled@${minuteText(3)}`);
  });
  it('tell what evenkeel took out of routing', () => {
    const values = [undefined, stampOf(intent), 'resume', 'it is not disabled@home'];
    const found = values.map((value) => isTaggedDisabled(value === undefined ? {} : { [tagName]: value }));
    expect(found).toEqual([false, true, false, false]);
  });
  it('ask to resume only when the value says so', () => {
    expect(resumeRequest({})).toBeUndefined();
    expect(resumeRequest({ [tagName]: stampOf(intent) })).toBeUndefined();
    expect(resumeRequest({ other: 'resume' })).toBeUndefined();
  });
});
