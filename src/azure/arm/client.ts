import type { TokenCredential } from '@azure/core-auth';
import { bearerTokenAuthenticationPolicyName, type Pipeline } from '@azure/core-rest-pipeline';
import type { Deadline } from '../../lib/deadline.ts';

/** How to reach Azure Resource Manager. */
export interface ArmAccess {
  readonly endpoint: string;
  readonly audience: string;
  /** `undefined` on loopback http, where no credential is ever asked for or sent. */
  readonly credential: TokenCredential | undefined;
}

/** The options that every Resource Manager client is made with. */
export const armClientOptions = ({ endpoint, credential }: ArmAccess) => ({
  endpoint,
  allowInsecureConnection: credential === undefined,
  // Whoever reads a log of Resource Manager sees whose calls these are.
  userAgentOptions: { userAgentPrefix: 'evenkeel' },
  // The reconciler goes round again from a fresh read, within its deadline; a retry below it would only
  // repeat a stale condition and hide what the service asked for.
  retryOptions: { maxRetries: 0 },
});

/** SDK constructors want a credential even where none is used. */
export const credentialOf = ({ credential }: Pick<ArmAccess, 'credential'>): TokenCredential =>
  credential ?? { getToken: () => Promise.reject(new Error('no credential is used on loopback http')) };

/** Without a credential, takes out the policy that would refuse plain http. */
export function adaptPipeline(
  { pipeline }: { readonly pipeline: Pipeline },
  { credential }: Pick<ArmAccess, 'credential'>,
): void {
  if (credential === undefined) pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
}

/** A single call that hangs must leave time for another round. */
const callTimeoutMs = 8_000;

export const callSignal = (deadline: Deadline): AbortSignal =>
  AbortSignal.any([deadline.signal, AbortSignal.timeout(callTimeoutMs)]);

/** One client a subscription, made when it is first needed. */
export function clientPerSubscription<Client>(create: (subscriptionId: string) => Client) {
  const clients = new Map<string, Client>();
  return (subscriptionId: string): Client => {
    const key = subscriptionId.toLowerCase();
    const client = clients.get(key) ?? create(subscriptionId);
    clients.set(key, client);
    return client;
  };
}
