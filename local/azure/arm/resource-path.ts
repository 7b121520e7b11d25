/** A path or ARM id for comparison: decoded, in lower case, without a slash at its end. */
export const pathKey = (path: string): string => decoded(path).toLowerCase().replace(/\/+$/, '');

/** Whether a path is another one or lies below it. Both are keys. */
export const isAtOrBelow = (path: string, scope: string): boolean => `${path}/`.startsWith(`${scope}/`);

/** Which resources something applies to: one by its ARM id, or those at and below a path. All without either. */
export interface PathTarget {
  /** Exactly this path or ARM id, in any casing. */
  readonly path?: string;
  /** This path and every one below it, in any casing. It ends at the end of a segment. */
  readonly pathPrefix?: string;
}

export function isTargeted({ path, pathPrefix }: PathTarget, id: string): boolean {
  const key = pathKey(id);
  if (path !== undefined && key !== pathKey(path)) return false;
  return pathPrefix === undefined || isAtOrBelow(key, pathKey(pathPrefix));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
