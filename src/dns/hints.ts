import { isIPv4 } from 'node:net';

/** As many as one event or message may name; more would make the cost of a pass depend on the sender. */
export const maxHints = 16;

/** The addresses among untrusted values, each once. */
export function parseHints(values: unknown): string[] {
  const candidates: readonly unknown[] = Array.isArray(values) ? values : [];
  const addresses = candidates.filter((value) => typeof value === 'string').filter((text) => isIPv4(text));
  return [...new Set(addresses)].slice(0, maxHints);
}
