import { parseBearerChallenge } from './challenge.ts';
import { NoTokenError } from './no-token-error.ts';

/** Who gives tokens for a registry. */
export interface TokenAuthority {
  readonly exchangeUrl: string;
  readonly tokenUrl: string;
  readonly service: string;
}

/**
 * Takes a challenge's word for where tokens are given, as long as that is the registry itself: an answer must not be
 * able to send our credential elsewhere.
 *
 * @param trustedHosts hosts, with the port where it is not 443.
 * @throws {NoTokenError}
 */
export function tokenAuthorityOf(
  header: string | undefined,
  trustedHosts: readonly string[],
): TokenAuthority {
  const challenge = parseBearerChallenge(header);
  if (challenge === undefined) throw new NoTokenError('it asks for a credential, and not for a bearer token');
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  const isTrusted =
    realm !== undefined &&
    realm.protocol === 'https:' &&
    realm.username === '' &&
    realm.password === '' &&
    trustedHosts.includes(realm.host);
  if (!isTrusted) {
    throw new NoTokenError(
      `it asks for a token from ${JSON.stringify(realm?.host ?? challenge.realm)}, which is not the registry's own host`,
    );
  }
  return {
    exchangeUrl: `${realm.origin}/oauth2/exchange`,
    tokenUrl: realm.href,
    service: challenge.service,
  };
}
