import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  badSetting,
  describeSettingIssues,
  goodSetting,
  SettingError,
  settingValue,
} from '../../src/settings/setting.ts';

describe('settingValue', () => {
  it('returns the value of a good setting', () => {
    expect(settingValue(goodSetting(7))).toBe(7);
  });
  it('throws the error of a bad one, with its cause', () => {
    const cause = new Error('why');
    const bad = badSetting('NAME: expected something', { cause });
    expect(() => settingValue(bad)).toThrowError(SettingError);
    expect(() => settingValue(bad)).toThrowError('NAME: expected something');
    expect(bad.ok ? undefined : bad.error.cause).toBe(cause);
  });
});

describe('describeSettingIssues', () => {
  const schema = v.strictObject({
    'a-b': v.optional(v.array(v.object({ size: v.pipe(v.number(), v.minValue(1, 'expected at least 1')) }))),
    plain: v.optional(v.string()),
  });
  it.each([
    [{ 'a-b': [{ size: 0 }] }, 'NAME["a-b"][0].size: found 0, expected at least 1'],
    [{ 'a-b': [{}] }, 'NAME["a-b"][0].size: expected a value, found nothing'],
    [{ plain: 7 }, 'NAME.plain: expected string, found 7'],
    [
      { plian: 'x' },
      'NAME.plian: found an unknown key, expected a known one; remove it or correct its spelling',
    ],
    [7, 'NAME: expected Object, found 7'],
    [{ 'a-b': 1, plain: 2 }, 'NAME["a-b"]: expected Array, found 1; NAME.plain: expected string, found 2'],
  ])('of %j reads: %s', (value, text) => {
    const parsed = v.safeParse(schema, value);
    if (parsed.success) throw new Error('the value is good');
    expect(describeSettingIssues('NAME', parsed.issues)).toBe(text);
  });
});
