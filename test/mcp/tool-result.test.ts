import { afterEach, describe, expect, it, vi } from 'vitest';
import { evenStatus } from '../../scripts/status-page/sample-status.ts';
import { bindMcpStatus } from '../../src/functions/mcp-status.ts';
import { shownValue } from '../../src/mcp/shown-value.ts';
import { SettingError } from '../../src/settings/setting.ts';
import { toolOf } from './run-tool.ts';

afterEach(() => void vi.restoreAllMocks());

describe('what a tool shows', () => {
  it.each([
    ['a text', 'web', 'web'],
    ['one that turns the direction of writing', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['one with a control character, in a list', ['a\u001b[2J'], ['a⟨U+001B⟩[2J']],
    ['one that hides characters as tags, as a key', { ['a\u{e0041}']: 1 }, { 'a⟨U+E0041⟩': 1 }],
    ['a long text', 'x'.repeat(1_001), `${'x'.repeat(1_000)}…`],
    ['what is no text', { a: [1, null, true] }, { a: [1, null, true] }],
  ])('of %s', (_what, value, shown) => {
    expect(shownValue(value)).toEqual(shown);
  });
});

describe('a tool', () => {
  const call = (args: object, read = async () => evenStatus, input = {}) =>
    toolOf(() => bindMcpStatus(read))(args, input);

  it('answers with a document and one line', async () => {
    const { document, lines } = await call({});
    expect(document).toMatchObject({ even: true, problems: { total: 0 } });
    expect(lines).toEqual(['information tool answered {"tool":"get_status","reason":null}']);
  });

  it.each([
    ['a wrong value', { part: 'everything' }, 'part: expected ('],
    ['another type', { part: 7 }, 'part: expected ('],
    ['an argument that it does not have', { verify: true }, 'verify: is not a known key'],
  ])('refuses %s by name', async (_what, args, message) => {
    const { error, lines } = await call(args);
    expect(error).toEqual({ error: { code: 'badParameter', message: expect.stringContaining(message) } });
    expect(lines).toEqual([expect.stringContaining('tool call refused')]);
  });

  it('names a bad setting', async () => {
    const sentence = 'DNS_ZONE_MAP: expected an object, found an array';
    const { error } = await call({}, () => Promise.reject(new SettingError(sentence)));
    expect(error).toEqual({ error: { code: 'settingBad', message: sentence } });
  });

  it('keeps the reason of any other failure for the log, and what it was called with for nobody', async () => {
    const headers = { 'x-functions-key': 'the-key' };
    const { error, lines } = await call({}, () => Promise.reject(new Error('10.0.0.9 refused')), {
      transport: { properties: { headers } },
    });
    expect(error).toEqual({
      error: { code: 'notAnswered', message: 'get_status cannot be answered now' },
    });
    expect(lines).toEqual([expect.stringContaining('10.0.0.9 refused')]);
    expect(lines.join()).not.toContain('the-key');
  });
});
