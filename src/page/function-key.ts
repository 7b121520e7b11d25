/** The parts of `location` that matter here. */
interface PageAddress {
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/**
 * Takes a function key out of an address, so that it is in no address bar, no history and no screenshot.
 * The page stores it nowhere: a reloaded page needs it in its address again, because the app asks for it.
 *
 * @returns the key, and the address without it; no address when there is nothing to take out.
 */
export function takeKey({ pathname, search, hash }: PageAddress): {
  key: string | undefined;
  address: string | undefined;
} {
  const query = new URLSearchParams(search);
  const key = query.get('code');
  if (key === null) return { key: undefined, address: undefined };
  query.delete('code');
  const rest = query.toString();
  return { key: key === '' ? undefined : key, address: `${pathname}${rest === '' ? '' : `?${rest}`}${hash}` };
}
