import QuickLRU from 'quick-lru';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';

/** Tokens until shortly before they run out. */
interface TokenCache {
  /** A token that is held and still good. */
  held(key: string): string | undefined;
  /** Loads one when none is held; once for all who ask meanwhile. */
  get(key: string, load: () => Promise<string>): Promise<string>;
  /** Drops a token that was refused, unless it has been replaced since. */
  drop(key: string, token: string): void;
}

/** A token must live through the call that it is sent with. */
const marginMs = 60_000;

export function tokenCache(now: () => Date): TokenCache {
  const tokens = new QuickLRU<string, { token: string; untilMs: number }>({ maxSize: 1_000 });
  const loading = new Map<string, Promise<string>>();
  const held = (key: string): string | undefined => {
    const found = tokens.get(key);
    return found !== undefined && now().getTime() < found.untilMs ? found.token : undefined;
  };
  const loadOnce = async (key: string, load: () => Promise<string>): Promise<string> => {
    try {
      const token = await load();
      const endMs = expiryMs(token);
      if (endMs !== undefined) tokens.set(key, { token, untilMs: endMs - marginMs });
      return token;
    } finally {
      loading.delete(key);
    }
  };
  return {
    held,
    async get(key, load) {
      const found = held(key);
      if (found !== undefined) return found;
      const shared = loading.get(key) ?? loadOnce(key, load);
      loading.set(key, shared);
      return shared;
    },
    drop(key, token) {
      if (tokens.get(key)?.token === token) tokens.delete(key);
    },
  };
}

const claimsSchema = v.object({ exp: v.number() });

/**
 * When a JSON Web Token runs out, in ms since 1970; `undefined` when it does not say. Only its holder is fooled by a
 * token that lies about that, so its signature does not matter here.
 * https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
 */
function expiryMs(token: string): number | undefined {
  const claims = v.safeParse(
    claimsSchema,
    parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
  );
  return claims.success ? claims.output.exp * 1000 : undefined;
}
