import { isTransitional } from '../findings.ts';
import type { Interlock, Move } from './interlock.ts';

/** What somebody else decided, or is changing right now, is left alone. */
export function anotherWriter({ replica, rules }: Pick<Move, 'replica' | 'rules'>): Interlock {
  const { routing, disabledByUs, reversals, fight, evidence } = replica;
  const refuse = (detail: string): Interlock => ({ rule: 'anotherWriter', pass: false, detail });
  if (fight !== undefined) {
    const who = fight.lastModifiedBy ?? 'somebody';
    return refuse(`contested since ${fight.since}: ${who} reversed it ${reversals} times`);
  }
  if (routing === 'disabled' && !disabledByUs) return refuse('somebody else switched it off');
  const state = evidence.provisioning?.state;
  if (state !== undefined && isTransitional(state)) return refuse(`a change is under way: ${state}`);
  const detail = `reversals by somebody else: ${reversals} of ${rules.fightLimit}`;
  return { rule: 'anotherWriter', pass: true, detail };
}
