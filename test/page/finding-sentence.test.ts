import { expect, it } from 'vitest';
import { findingSentence } from '../../src/page/finding-sentence.ts';
import type { Finding } from '../../src/status/schema.ts';

const finding: Finding = {
  finding: 'addressDiffers',
  containerGroup: '',
  recordSets: [],
  addresses: [],
  liveAddress: '10.1.0.4',
  recordAddress: '10.1.0.9',
  since: null,
  repair: 'repaired by the next event, at the latest 14:30',
  repairedBy: 'reconciler',
  healedAt: null,
};

it.each<[string, Partial<Finding>, string]>([
  ['two addresses', {}, 'is 10.1.0.4, DNS says 10.1.0.9; repaired by the next event, at the latest 14:30'],
  ['no record', { recordAddress: null, repair: null }, 'is 10.1.0.4, DNS says nothing'],
  ['no live address', { liveAddress: null, repair: null }, 'DNS says 10.1.0.9, where nothing should be'],
  ['no address at all', { liveAddress: null, recordAddress: null, repair: 'not repaired' }, 'not repaired'],
  [
    'a time at which it healed',
    { healedAt: '2026-11-21T03:00:00Z', repair: null },
    'was 10.1.0.4, DNS said 10.1.0.9',
  ],
])('a finding with %s says what is, what DNS says, and what becomes of it', (_, facts, sentence) => {
  expect(findingSentence({ ...finding, ...facts })).toBe(sentence);
});
