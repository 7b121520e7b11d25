/** An answer that refuses a call. */
interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
}

/** The call that was refused. */
interface RefusedCall {
  /** The ARM id of the resource that is read or written. */
  readonly scope: string;
  /** The built-in role that allows the call. */
  readonly role: string;
}

interface Advice {
  /** Whether the identity lacks something; otherwise Azure would refuse the call to anybody. */
  readonly isPermission: boolean;
  /** What is wrong, and what to do about it. */
  readonly text: string;
}

/**
 * What to do about a refusal. The code says what is wrong; a missing role and a policy share a status.
 *
 * | status | code                               | what to do                                       |
 * |--------|------------------------------------|--------------------------------------------------|
 * | 401    | `InvalidAuthenticationTokenTenant` | follow the subscription into its tenant          |
 * | 401    | any other                          | sign in, or see to the app's identity            |
 * | 403    | `RequestDisallowedByPolicy`        | come to terms with the policy that it names      |
 * | 403    | any other                          | assign the role on the scope                     |
 * | 404    | `SubscriptionNotFound`             | correct the subscription                         |
 * | 409    | `MissingSubscriptionRegistration`  | register the provider                            |
 * | 409    | `ScopeLocked`                      | remove the lock that it names                    |
 *
 * @returns `undefined` for any other, whose own message has to do.
 */
export function adviceFor(refusal: Refusal, call: RefusedCall): Advice | undefined {
  const { status, code = '', message } = refusal;
  const { scope, role } = call;
  const permission = (text: string): Advice => ({ isPermission: true, text });
  const forAnybody = (text: string): Advice => ({ isPermission: false, text });
  switch (`${status} ${code}`.toLowerCase()) {
    case '401 invalidauthenticationtokentenant':
      return permission(
        'the subscription belongs to another tenant than the identity, as after a move: use an identity of that tenant and assign its roles again, or take the subscription out of the settings',
      );
    case '403 requestdisallowedbypolicy':
      return forAnybody(
        `${policyIn(message)} forbids it: exempt the resource from the policy, or have the policy changed`,
      );
    case '404 subscriptionnotfound':
      return forAnybody(
        'Azure shows this identity no such subscription: correct the settings, or give the identity access to it',
      );
    case '409 missingsubscriptionregistration': {
      const namespace = namespaceIn(message, scope);
      return forAnybody(
        `the subscription has not registered the provider: az provider register --namespace ${namespace} --subscription ${subscriptionIn(scope)}`,
      );
    }
    case '409 scopelocked':
      return forAnybody(`${lockIn(message) ?? `a lock on ${scope}`} forbids it: remove the lock`);
  }
  if (status === 401) {
    return permission(
      'Azure does not accept the sign-in: run "az login" on your own machine; for the app, check its managed identity and AZURE_CLIENT_ID',
    );
  }
  return status === 403 ? permission(`assign the role ${role} on that scope`) : undefined;
}

/**
 * The message holds JSON: `Policy identifiers: '[{"policyAssignment":{"name":"…","id":"…"},…}]'`.
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy
 */
function policyIn(message: string): string {
  const [, assignment = ''] = /"policyAssignment"\s*:\s*\{([^}]*)\}/.exec(message) ?? [];
  const textOf = (name: string) => new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(assignment)?.[1];
  const name = textOf('name');
  const id = textOf('id');
  if (name === undefined && id === undefined) return `a policy (${message})`;
  return `the policy ${[name && `"${name}"`, id && `(${id})`].filter(Boolean).join(' ')}`;
}

/** The message names the namespace: `The subscription is not registered to use namespace 'Microsoft.Network'.` */
const namespaceIn = (message: string, scope: string): string =>
  /namespace '([\w.]+)'/.exec(message)?.[1] ??
  /\/providers\/([\w.]+)(?!.*\/providers\/)/i.exec(scope)?.[1] ??
  'NAMESPACE';

const subscriptionIn = (scope: string): string =>
  /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1] ?? 'SUBSCRIPTION';

/** The message names the lock, or what is locked: `…because following scope(s) are locked: '/subscriptions/…'.` */
function lockIn(message: string): string | undefined {
  const [, id] = /are locked:\s*'([^',]+)/.exec(message) ?? [];
  if (id === undefined) return undefined;
  return /\/locks\/[^/]+$/i.test(id) ? `the lock ${id}` : `a lock on ${id}`;
}
