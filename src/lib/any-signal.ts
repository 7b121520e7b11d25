import { setMaxListeners } from 'node:events';

const sourcesOf = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * A signal that aborts with the first of several.
 *
 * It keeps them alive as long as it lives itself. `AbortSignal.any` of Node.js 20 does not: it forgets a time-out that
 * nobody else holds, and what waits for it then waits for ever. https://github.com/nodejs/node/issues/57736
 */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals]);
  sourcesOf.set(any, signals);
  // Many calls at the same time may share a signal. Node.js 20 would warn of a leak at the eleventh.
  setMaxListeners(0, any);
  return any;
}
