import { createHash, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';

const named = v.record(v.string(), v.pipe(v.string(), v.minLength(1)));

/** The keys of a function app, by the kinds and names that Azure gives them. */
export const hostKeys = v.object({
  master: v.pipe(v.string(), v.minLength(1)),
  /** Open every function. */
  functionKeys: v.optional(named, {}),
  /** Open the endpoint of one extension, such as `eventgrid_extension`. */
  systemKeys: v.optional(named, {}),
  /** Open one function, by the function's name. */
  functions: v.optional(v.record(v.string(), named), {}),
});
export type HostKeys = v.InferOutput<typeof hostKeys>;

/** `other` is the key of another extension, and `none` a wrong key or no key. */
type Grant = 'master' | 'system' | 'function' | 'other' | 'none';

export interface KeyRing {
  readonly keys: HostKeys;
  /**
   * What the key of a request opens. `functionName` makes the keys of that function count, and `systemKeyName`
   * the key of that extension.
   */
  grantOf(request: Request, scope?: { functionName?: string; systemKeyName?: string }): Grant;
}

/** Asks for no key, as `func start` does: every request may do everything. The keys exist all the same. */
export const openKeyRing = (keys: HostKeys): KeyRing => ({ keys, grantOf: () => 'master' });

/** The keys that every app has from its first start. */
export const freshKeys = (newKey: () => string): HostKeys => ({
  master: newKey(),
  functionKeys: { default: newKey() },
  systemKeys: { eventgrid_extension: newKey(), mcp_extension: newKey() },
  functions: {},
});

export function createKeyRing(keys: HostKeys): KeyRing {
  return {
    keys,
    grantOf(request, scope = {}) {
      const presented =
        request.headers.get('x-functions-key') ?? new URL(request.url).searchParams.get('code');
      if (presented === null) return 'none';
      const isAnyOf = (candidates: readonly (string | undefined)[]): boolean =>
        candidates.map((candidate) => candidate !== undefined && isSame(presented, candidate)).includes(true);

      const functionKeys = Object.values(keys.functionKeys);
      const ownKeys = Object.entries(keys.functions).flatMap(([name, own]) =>
        name === scope.functionName ? Object.values(own) : [],
      );
      // All of them are worked out before any decides, so that the time taken does not tell which kind was close.
      const isMaster = isAnyOf([keys.master]);
      const isSystem = isAnyOf([
        scope.systemKeyName === undefined ? undefined : keys.systemKeys[scope.systemKeyName],
      ]);
      const isOther = isAnyOf(Object.values(keys.systemKeys));
      const isFunction = isAnyOf([...functionKeys, ...ownKeys]);
      if (isMaster) return 'master';
      if (isSystem) return 'system';
      if (isFunction) return 'function';
      return isOther ? 'other' : 'none';
    },
  };
}

/** Digests have one length, which `timingSafeEqual` asks for and which hides the length of a key. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
