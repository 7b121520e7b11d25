import { expect, it } from 'vitest';
import { replayPoisonMessages } from '../../../../src/cli/commands/replay/send-again.ts';
import { ago, groupId, hourMs, now } from '../../../dns/fixtures.ts';

const containerGroup = groupId('web').key;
const plain = JSON.stringify({
  containerGroup,
  addresses: ['10.1.0.4'],
  trigger: 'audit',
  failures: 11,
  firstFailedAt: ago(48 * hourMs),
});

it.each([
  ['plain JSON', plain],
  ['base64 of it', Buffer.from(plain).toString('base64')],
])('a poison message in %s begins anew: what failed a day ago would be given up at once', async (_, text) => {
  const messages = [{ id: '1', text, insertedOn: now }];
  const sent: string[] = [];
  const queue = {
    peek: async () => ({ messages, count: 1 }),
    take: async () => messages,
    send: async (one: string) => void sent.push(one),
  };
  const notes = { list: async () => new Map(), write: async () => {} };
  const selection = { functionName: undefined, again: false, since: undefined };
  const clock = { now: () => now, sleep: async () => {} };
  await replayPoisonMessages(queue, notes, selection, { clock, interrupted: new AbortController().signal });
  expect(sent.map((one) => JSON.parse(one))).toEqual([
    { containerGroup, addresses: ['10.1.0.4'], trigger: 'audit' },
  ]);
});
