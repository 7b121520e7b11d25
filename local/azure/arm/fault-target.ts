import type { ArmRequest } from './operation.ts';
import { pageOf } from './paging.ts';
import { isTargeted, type PathTarget } from './resource-path.ts';

/** Which requests meet a fault: those for which every member holds that is given. */
export interface FaultTarget extends PathTarget {
  /** An operation's name, an expression over `METHOD id`, or a predicate. */
  readonly match?: string | RegExp | ((request: ArmRequest) => boolean);
  readonly method?: string;
  /**
   * A page of a list, counted from 1, or every page after the first. Requests without `$skipToken` are page 1; those
   * with a token that a test made up are among the following ones.
   */
  readonly page?: number | 'following';
}

export function isMet(target: FaultTarget, request: ArmRequest): boolean {
  const { match, method, page } = target;
  if (method !== undefined && method.toUpperCase() !== request.method) return false;
  if (page !== undefined && !isPage(page, pageOf(request))) return false;
  return isTargeted(target, request.id) && (match === undefined || matches(match, request));
}

const isPage = (wanted: number | 'following', page: number): boolean =>
  wanted === 'following' ? page !== 1 : page === wanted;

function matches(match: NonNullable<FaultTarget['match']>, request: ArmRequest): boolean {
  if (typeof match === 'string') return match === request.operation;
  if (match instanceof RegExp)
    return new RegExp(match, match.flags.replace(/[gy]/g, '')).test(`${request.method} ${request.id}`);
  return match(request);
}
