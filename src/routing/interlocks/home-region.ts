import type { Interlock, Move } from './interlock.ts';

/** A warning, and never a refusal: the home region's replica may be switched off like any other. */
export function homeRegion({ to, replica, home }: Pick<Move, 'to' | 'replica' | 'home'>): Interlock {
  const rule = 'homeRegion';
  if (home === undefined) return { rule, pass: true, detail: 'which region is the home region is not known' };
  if (replica.region !== home) return { rule, pass: true, detail: `the home region is ${home}` };
  const detail =
    to === 'disabled'
      ? 'warning: this is the home region; while it is out of order, routing cannot be changed back'
      : 'this is the home region';
  return { rule, pass: true, detail };
}
