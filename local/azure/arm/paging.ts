import type { SortedMap } from '../sorted-map.ts';
import { ArmError } from './arm-error.ts';
import type { ArmAnswer, ArmRequest } from './operation.ts';

interface PageOptions<V> {
  readonly limit: number;
  readonly accept?: (value: V) => boolean;
  readonly render: (value: V) => unknown;
}

/** One page of a list; `nextLink` starts with what the client used and resumes after the last key shown. */
export function page<V>(
  request: ArmRequest,
  values: SortedMap<V> | undefined,
  options: PageOptions<V>,
): ArmAnswer {
  const shown: unknown[] = [];
  const position = positionIn(request);
  let last = '';
  for (const [key, value] of values?.entriesAfter(position?.after) ?? []) {
    if (options.accept !== undefined && !options.accept(value)) continue;
    if (shown.length === options.limit) {
      const next = { page: (position?.page ?? 1) + 1, after: last };
      return { status: 200, body: { value: shown, nextLink: nextLink(request, next) } };
    }
    shown.push(options.render(value));
    last = key;
  }
  return { status: 200, body: { value: shown } };
}

/** Where a page of a list begins, as its `$skipToken` says. */
interface Position {
  /** Counted from 1; the first page has no token. */
  readonly page: number;
  /** The last key of the page before. */
  readonly after: string;
}

/** The page of a list that a request asks for, counted from 1; 0 for a token that no list has given out. */
export function pageOf(request: ArmRequest): number {
  const token = skipTokenOf(request);
  return token === undefined ? 1 : (parsedToken(token)?.page ?? 0);
}

function positionIn(request: ArmRequest): Position | undefined {
  const token = skipTokenOf(request);
  if (token === undefined) return undefined;
  const position = parsedToken(token);
  if (position !== undefined) return position;
  throw new ArmError(400, 'InvalidSkipToken', `The skip token '${token}' is invalid.`);
}

const skipTokenOf = ({ query }: ArmRequest): string | undefined =>
  query.get('$skipToken') ?? query.get('$skiptoken') ?? undefined;

function parsedToken(token: string): Position | undefined {
  const [, page, after] = /^(\d+)\|(.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  return page === undefined || after === undefined ? undefined : { page: Number(page), after };
}

function nextLink(request: ArmRequest, { page, after }: Position): string {
  const query = [...request.query]
    .filter(([name]) => name.toLowerCase() !== '$skiptoken')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  query.push(`$skipToken=${Buffer.from(`${page}|${after}`).toString('base64url')}`);
  return `${request.base}${request.id}?${query.join('&')}`;
}

/** `$top` of a request, bounded by the largest page; the usual number without it. */
export function pageLimit(request: ArmRequest, usual: number, largest: number = usual): number {
  const top = request.query.get('$top');
  if (top === null) return usual;
  if (!/^[1-9]\d{0,8}$/.test(top))
    throw new ArmError(400, 'BadRequest', `The value '${top}' of $top is invalid.`);
  return Math.min(Number(top), largest);
}
