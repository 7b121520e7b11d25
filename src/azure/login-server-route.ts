import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';

/** `resolveCname` of `node:dns/promises`: the names that a name stands for. It throws where there are none. */
export type ResolveCname = (name: string) => Promise<readonly string[]>;

/** From the login server to Traffic Manager or a private link, and from there to a replica. */
const maxNames = 6;

/**
 * The names to which a login server leads, each the canonical name of the one before it. Which replica a client gets
 * depends on where it asks, so this is what the app itself sees. Never throws.
 *
 * @returns `undefined` when DNS named none in time.
 */
export async function routeOf(
  loginServer: string,
  resolveCname: ResolveCname,
  deadline: Deadline,
): Promise<readonly string[] | undefined> {
  const names: string[] = [];
  let name = loginServer;
  while (names.length < maxNames) {
    const [next] = await unlessAborted(deadline.signal, resolveCname(name)).catch(() => []);
    if (next === undefined || next === '' || names.includes(next.toLowerCase())) break;
    name = next.toLowerCase();
    names.push(name);
  }
  return names.length === 0 ? undefined : names;
}
