import { isTransitional } from '../findings.ts';
import { isOpen } from '../intent.ts';
import type { ReplicaState } from '../replica-state.ts';
import type { Interlock, Move } from './interlock.ts';

/** A replica is switched off only while enough others serve. */
export function minimumRoutable({ to, others, minimumRoutable: needed }: Move): Interlock {
  const rule = 'minimumRoutable';
  if (to === 'enabled') return { rule, pass: true, detail: 'switching on takes nothing out of routing' };
  const serving = others.filter(serves).length;
  return {
    rule,
    pass: serving >= needed,
    detail: `others that are routed and well: ${serving} of ${needed}`,
  };
}

/**
 * Stricter than routed and not flagged: one that is bad in this very review is no place to send traffic to. Those that
 * this review switches off are flagged, so that they count for none of the others.
 */
function serves({ routing, verdict, reading, evidence, intent }: ReplicaState): boolean {
  const state = evidence.provisioning?.state;
  const isThere = state !== undefined && (state === 'Updating' || !isTransitional(state));
  const isLeaving = isOpen(intent) && intent?.to === 'disabled';
  return routing === 'enabled' && !verdict.flagged && reading !== 'bad' && isThere && !isLeaving;
}
