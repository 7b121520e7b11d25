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
  let last: string | undefined;
  for (const [key, value] of values?.entriesAfter(positionIn(request)) ?? []) {
    if (options.accept !== undefined && !options.accept(value)) continue;
    if (shown.length === options.limit) {
      return { status: 200, body: { value: shown, nextLink: nextLink(request, last ?? '') } };
    }
    shown.push(options.render(value));
    last = key;
  }
  return { status: 200, body: { value: shown } };
}

function positionIn(request: ArmRequest): string | undefined {
  const token = request.query.get('$skipToken') ?? request.query.get('$skiptoken');
  if (token === null) return undefined;
  if (!/^[\w-]+$/.test(token))
    throw new ArmError(400, 'InvalidSkipToken', `The skip token '${token}' is invalid.`);
  return Buffer.from(token, 'base64url').toString();
}

function nextLink(request: ArmRequest, last: string): string {
  const query = [...request.query]
    .filter(([name]) => name.toLowerCase() !== '$skiptoken')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  query.push(`$skipToken=${Buffer.from(last).toString('base64url')}`);
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
