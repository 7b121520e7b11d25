import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks the simulated zones as a workload in a linked network would: over DNS. */
export interface NameService {
  /** The addresses of a name; none when it does not resolve. */
  addressesOf(name: string): Promise<string[]>;
  /** The names of an address; none when it has no PTR. */
  namesOf(address: string): Promise<string[]>;
}

export function nameService(port: number): NameService {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return {
    addressesOf: (name) => orNone(resolver.resolve4(name)),
    namesOf: (address) => orNone(resolver.reverse(address)),
  };
}

async function orNone(answer: Promise<string[]>): Promise<string[]> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA'))
      return [];
    throw error;
  }
}

/** A name and the address that it has to resolve to; `undefined` stands for no address. */
export interface Expectation {
  readonly host: string;
  readonly address: string | undefined;
}

/** Differences from an expectation, forward and reverse, in words; none when all is right. */
export async function differences(names: NameService, { host, address }: Expectation): Promise<string[]> {
  const wanted = address === undefined ? [] : [address];
  const found = await names.addressesOf(host);
  const differs =
    found.join() === wanted.join() ? [] : [`${host} resolves to ${shown(found)}, expected ${shown(wanted)}`];
  if (address === undefined) return differs;
  const reverse = await names.namesOf(address);
  return reverse.join() === host
    ? differs
    : [...differs, `${address} is ${shown(reverse)}, expected ${host}`];
}

/** Names that addresses still have, although nothing uses these addresses any more, in words. */
export async function staleNames(names: NameService, addresses: Iterable<string>): Promise<string[]> {
  const stale: string[] = [];
  for (const address of addresses) {
    const found = await names.namesOf(address);
    if (found.length > 0) stale.push(`${address} is still ${shown(found)}, expected nothing`);
  }
  return stale;
}

const shown = (values: readonly string[]): string => (values.length === 0 ? 'nothing' : values.join(' '));

/**
 * Asks until every expectation is met.
 * @returns ms from `since` (of `performance.now`) to the first answer that was right, for each expectation.
 * @throws when `timeoutMs` is over, with what still differs.
 */
export async function resolveAll(
  names: NameService,
  expectations: readonly Expectation[],
  since: number,
  timeoutMs: number,
): Promise<Map<string, number>> {
  const resolvedMs = new Map<string, number>();
  for (;;) {
    const open = expectations.filter(({ host }) => !resolvedMs.has(host));
    const left = await Promise.all(
      open.map(async (expectation) => {
        const differs = await differences(names, expectation);
        if (differs.length === 0) resolvedMs.set(expectation.host, performance.now() - since);
        return differs;
      }),
    );
    if (left.flat().length === 0) return resolvedMs;
    if (performance.now() - since > timeoutMs) throw new NotResolvedError(left.flat());
    await sleep(15);
  }
}

class NotResolvedError extends Error {
  override readonly name = 'NotResolvedError';
  constructor(differences: readonly string[]) {
    super(`not right in time: ${differences.join('; ')}`);
  }
}
