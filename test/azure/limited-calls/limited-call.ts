import type { TokenCredential } from '@azure/core-auth';
import type { Deadline } from '../../../src/lib/deadline.ts';
import type { Answer } from '../../support/hanging-server.ts';

/** A call to a service of Azure, for one that does not answer to its end. */
export interface LimitedCall {
  readonly what: string;
  /** How long it takes where its caller would wait for longer; `undefined`: for as long as its caller waits. */
  readonly ownMs: number | undefined;
  /** What it then says: it names what was asked for. */
  readonly says: RegExp;
  readonly make: Call;
  /** What is answered before something hangs, such as the first page. */
  readonly before?: Answer;
  /** Whether all of the answer is its head. */
  readonly isHead?: true;
  /** Whether a connection outlives the call until its own limit: some SDKs pass no signal on. */
  readonly isDroppedLate?: true;
}

/** A call with its caller's deadline. */
export type Call = (url: string, deadline: Deadline) => Promise<unknown>;

/** A call whose token does not come. */
export interface TokenCall extends Pick<LimitedCall, 'what' | 'ownMs' | 'says'> {
  readonly make: (credential: TokenCredential, deadline: Deadline) => Promise<unknown>;
  /** Whether the credential is told that nobody waits any more: some SDKs leave it to its own limit. */
  readonly endsRequest?: true;
}

export async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

export const json = { 'content-type': 'application/json' };

/** The settings of a storage account at a URL. */
export const storageAt = (url: string) => ({
  kind: 'connectionString' as const,
  connectionString: [
    'DefaultEndpointsProtocol=http;AccountName=account',
    `AccountKey=${Buffer.from('no secret').toString('base64')}`,
    ...['Table', 'Blob', 'Queue'].map((service) => `${service}Endpoint=${url}/account`),
  ].join(';'),
});

export const insecure = (url: string) => ({ url, isInsecure: true });

/** Where a call without a token would be refused anyway. */
export const closed = { url: 'https://account.invalid', isInsecure: false } as const;
export const withIdentity = { kind: 'identity', endpoint: closed } as const;

export const never = () => Promise.reject(new Error('nobody asks for it'));
export const anyCredential: TokenCredential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};
