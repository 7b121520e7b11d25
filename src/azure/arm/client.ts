import type { TokenCredential } from '@azure/core-auth';
import { bearerTokenAuthenticationPolicyName, type Pipeline } from '@azure/core-rest-pipeline';
import type { Deadline } from '../../lib/deadline.ts';

/** Access to Azure Resource Manager. */
export interface ArmAccess {
  readonly endpoint: string;
  readonly audience: string;
  /** `undefined` on loopback http, where no credential is ever requested or sent. */
  readonly credential: TokenCredential | undefined;
}

/** The options that every client of Resource Manager shares. */
export const armClientOptions = ({ endpoint, credential }: ArmAccess) => ({
  endpoint,
  allowInsecureConnection: credential === undefined,
  // A log of Resource Manager then shows whose calls these are.
  userAgentOptions: { userAgentPrefix: 'evenkeel' },
  // The reconciler tries again from a fresh read, within its deadline. A retry in the SDK would only repeat a stale
  // condition and hide the Retry-After of the service.
  retryOptions: { maxRetries: 0 },
});

/** The credential, or one that is never used: SDK constructors require one. */
export const credentialOf = ({ credential }: Pick<ArmAccess, 'credential'>): TokenCredential =>
  credential ?? { getToken: () => Promise.reject(new Error('no credential is used on loopback http')) };

/** Removes the policy that refuses plain http when there is no credential. */
export function adaptPipeline(
  { pipeline }: { readonly pipeline: Pipeline },
  { credential }: Pick<ArmAccess, 'credential'>,
): void {
  if (credential === undefined) pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
}

/** A single call that hangs must leave time for another attempt. */
const callTimeoutMs = 8_000;

/** Aborts a call at the deadline, or after 8 s. */
export const callSignal = (deadline: Deadline): AbortSignal =>
  AbortSignal.any([deadline.signal, AbortSignal.timeout(callTimeoutMs)]);

/** One client a subscription, created when it is first needed. */
export function clientPerSubscription<Client>(create: (subscriptionId: string) => Client) {
  const clients = new Map<string, Client>();
  return (subscriptionId: string): Client => {
    const key = subscriptionId.toLowerCase();
    const client = clients.get(key) ?? create(subscriptionId);
    clients.set(key, client);
    return client;
  };
}
