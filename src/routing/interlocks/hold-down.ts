import { changedAt } from '../replica-state.ts';
import type { Interlock, Move } from './interlock.ts';

/** Clients remember where they were sent, so that a change needs time to show what it does. */
export function holdDown({ replica, rules, now }: Pick<Move, 'replica' | 'rules' | 'now'>): Interlock {
  const rule = 'holdDown';
  const since = changedAt(replica);
  if (since === undefined) return { rule, pass: true, detail: 'no change so far' };
  const endMs = Date.parse(since) + rules.holdDownMs;
  if (now.getTime() >= endMs) return { rule, pass: true, detail: `last change at ${since}` };
  const until = new Date(endMs).toISOString();
  return { rule, pass: false, detail: `last change at ${since}: none before ${until}` };
}
