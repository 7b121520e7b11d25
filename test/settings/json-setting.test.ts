import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonSetting, repeatedKeyProblem } from '../../src/settings/json-setting.ts';
import { settingValue } from '../../src/settings/setting.ts';
import { messageOf } from '../support/bad-setting.ts';

const parsed = (text: string | undefined) => parseJsonSetting('NAME', text, '[]');

describe('a JSON setting', () => {
  it('has its value', () => {
    expect(settingValue(parsed(' {"a": [1, {"b": null}]} '))).toEqual({
      value: { a: [1, { b: null }] },
      repeated: [],
    });
  });

  it.each([undefined, '', ' \n'])('of %j is what unset means', (text) => {
    expect(settingValue(parsed(text)).value).toEqual([]);
  });

  it('of any JSON is taken, and has no key twice where a program wrote it', () => {
    const anIndent = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.jsonValue(), anIndent, (value, indent) => {
        const text = JSON.stringify({ value }, undefined, indent);
        expect(settingValue(parsed(text))).toEqual({ value: JSON.parse(text), repeated: [] });
      }),
    );
  });

  it.each([
    '-0',
    '1E400',
    '1e-7',
    '"\u2028 \\ud800 \\/"',
    '{"__proto__":{"constructor":1}}',
    '[ ]',
    '{ }',
    'true',
  ])('may be %j', (text) => {
    expect(settingValue(parsed(text))).toEqual({ value: JSON.parse(text), repeated: [] });
  });
});

describe('a key that stands twice', () => {
  it.each([
    ['{"a":1,"a":1}', 'NAME.a'],
    ['{"a":1,"b":2,"a":3,"a":4}', 'NAME.a'],
    ['{"a b":{"c":1,"c":2}}', 'NAME["a b"].c'],
    ['[{"x":1},{"y":[{"z":1,"\\u007a":2}]}]', 'NAME[1].y[0].z'],
    ['{"__proto__":1,"__proto__":2}', 'NAME.__proto__'],
  ])('is found in %s', (text, place) => {
    const { repeated } = settingValue(parsed(text));
    expect(repeated.map((path) => repeatedKeyProblem('NAME', path))).toEqual([
      `${place}: found the key more than once, expected it once`,
    ]);
  });

  it('is not one that stands in two objects, or in a text', () => {
    const text = '{"a":{"a":"\\"a\\":1,\\"a\\":2"},"b":[{"a":1},{"a":2}]}';
    expect(settingValue(parsed(text)).repeated).toEqual([]);
  });
});

describe('text that is not JSON', () => {
  it('is told with what is wrong about it', () => {
    expect(messageOf(parsed('{"rg": '))).toMatch(/^NAME: expected JSON, found text that is not: .*JSON/);
    expect(messageOf(parsed('{"rg": '))).not.toMatch(/shell/);
    expect(messageOf(parsed('rg-spoke-a'))).not.toMatch(/shell/);
  });

  const lost =
    /; it has no double quotes, so a shell took them away; give the settings in a file: az functionapp config appsettings set --settings @FILE$/;
  const kept = /; remove the quotes around it, which were meant for a shell$/;
  it.each([
    ['{rg-spoke-a:{forwardZone:spoke-a.internal.contoso.com,ttl:30}}', lost],
    [' {rg-spoke-a:{forwardZone:spoke-a.internal.contoso.com}}\n', lost],
    ['[{id:/subscriptions/s/resourceGroups/rg}]', lost],
    ['[11111111-2222-3333-4444-555555555555]', lost],
    ['\'{"rg-spoke-a":{"forwardZone":"a.b"}}\'', kept],
    ['"{"rg-spoke-a":{"forwardZone":"a.b"}}"', kept],
    ['\'["a"]\'', kept],
    ['"{\\"rg-spoke-a\\":{\\"forwardZone\\":\\"a.b\\"}}"', kept],
    ['{\\"rg-spoke-a\\":{}}', /; remove the backslashes before its quotes, which were meant for a shell$/],
    ["{'rg-spoke-a':{'forwardZone':'a.b'}}", /; JSON takes double quotes only$/],
  ])('is explained where a shell is to blame: %s', (text, hint) => {
    const message = messageOf(parsed(text));
    expect(message).toMatch(/^NAME: expected JSON, found /);
    expect(message).toMatch(hint);
  });
});
