import { isIPv4 } from 'node:net';

/** What Azure answered to the read of a container group, as far as DNS depends on it. */
export type GroupAnswer =
  | {
      readonly kind: 'found';
      readonly provisioningState: string | undefined;
      /** `instanceView.state`; lists leave it out. */
      readonly state: string | undefined;
      readonly ipAddress: { readonly type: string; readonly ip: string | undefined } | undefined;
      /** A subnet, or a network profile of the old kind. */
      readonly hasNetwork: boolean;
      /** Every container has ended; lists do not say. */
      readonly isFinished: boolean;
      readonly tags: Tags;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | undefined };

/** Tags of a container group. Azure keeps the casing of a tag's name and does not tell names apart by it. */
export type Tags = Readonly<Record<string, string>>;

export const tagValue = (tags: Tags | undefined, name: string): string | undefined =>
  Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

/** What is known of a container group at one moment; without `tags` it has none, or is gone. */
export type LiveGroup =
  | {
      readonly kind: 'addressed';
      readonly address: string;
      readonly isRunning: boolean;
      readonly tags?: Tags;
    }
  | {
      readonly kind: 'unaddressed';
      readonly reason: 'gone' | 'stopped' | 'public' | 'noNetwork' | 'optedOut';
      readonly tags?: Tags;
    }
  | { readonly kind: 'notReady'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * Only what Azure says in so many words leads to a removal; everything else is unknown, and unknown is never gone.
 *
 * | answer                                                        | means                   |
 * |---------------------------------------------------------------|-------------------------|
 * | 404 `ResourceNotFound`, `ResourceGroupNotFound`               | unaddressed: gone       |
 * | 404 with any other code, 401, 403, 408, 429, 5xx, no answer   | unknown                 |
 * | 200, tag `evenkeel:dns` = `off`                               | unaddressed: opted out  |
 * | 200, address of type `Public`                                 | unaddressed: public     |
 * | 200, private IPv4 address shown, in whatever state            | addressed; running unless stopped or finished |
 * | 200, a private address that is not IPv4, or of no network     | unknown                 |
 * | 200, no address, `Pending` or `Creating`                      | not ready               |
 * | 200, no address, `Repairing` or `Updating`, with a network    | not ready               |
 * | 200, no address, instance view `Stopped`                      | unaddressed: stopped    |
 * | 200, no address, `Succeeded`, `Repairing` or `Updating`, no IP configuration, no network | unaddressed: no network |
 * | 200, no address, `Succeeded`, with a network                  | not ready               |
 * | 200, no address, `Failed`, `Unhealthy` or anything else       | unknown                 |
 *
 * An address that is shown wins over every state: a stopped group may keep its address, and a restarting one
 * may still show the old one, which the event at the end of the restart corrects.
 * https://learn.microsoft.com/azure/container-instances/container-state
 */
export function interpretGroup(answer: GroupAnswer): LiveGroup {
  const live = interpretState(answer);
  const isKnown = live.kind === 'addressed' || live.kind === 'unaddressed';
  if (answer.kind === 'refused' || !isKnown || Object.keys(answer.tags).length === 0) return live;
  return { ...live, tags: answer.tags };
}

/** A group with this tag, with the value `off`, wants no record sets. */
const optOutTag = 'evenkeel:dns';

function interpretState(answer: GroupAnswer): LiveGroup {
  if (answer.kind === 'refused') {
    const isGone = answer.status === 404 && is(answer.code, 'ResourceNotFound', 'ResourceGroupNotFound');
    if (isGone) return { kind: 'unaddressed', reason: 'gone' };
    return {
      kind: 'unknown',
      detail: `the read was answered ${answer.status} ${answer.code ?? 'without a code'}`,
    };
  }
  const { provisioningState = 'none', state, ipAddress, hasNetwork, isFinished } = answer;
  if (is(tagValue(answer.tags, optOutTag)?.trim(), 'off')) return { kind: 'unaddressed', reason: 'optedOut' };
  if (ipAddress !== undefined && is(ipAddress.type, 'Public'))
    return { kind: 'unaddressed', reason: 'public' };
  const ip = ipAddress?.ip ?? '';
  if (ip !== '') {
    if (!isIPv4(ip)) return { kind: 'unknown', detail: 'its address is not an IPv4 address' };
    if (isOfNoNetwork(ip)) return { kind: 'unknown', detail: `no network has its address ${ip}` };
    return { kind: 'addressed', address: ip, isRunning: !is(state, 'Stopped') && !isFinished };
  }
  const isPromised = ipAddress !== undefined || hasNetwork;
  const isUnderWay = is(provisioningState, 'Repairing', 'Updating');
  if (is(provisioningState, 'Pending', 'Creating') || (isUnderWay && isPromised)) {
    return { kind: 'notReady', detail: `it has no address yet (provisioning state ${provisioningState})` };
  }
  if (is(state, 'Stopped')) return { kind: 'unaddressed', reason: 'stopped' };
  if (is(provisioningState, 'Succeeded') || isUnderWay) {
    // An IP configuration or a network promises an address: some are shown only a while after "Succeeded".
    if (!isPromised) return { kind: 'unaddressed', reason: 'noNetwork' };
    return { kind: 'notReady', detail: 'it has no address yet (provisioning state Succeeded)' };
  }
  return { kind: 'unknown', detail: `it has no address in provisioning state ${provisioningState}` };
}

/**
 * Placeholders, loopback, link-local, multicast and broadcast addresses, which no virtual network can have.
 * https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
 */
const isOfNoNetwork = (ip: string): boolean => /^(?:0|127|169\.254|22[4-9]|2[345]\d)\./.test(ip);

/** A group that is known to have an address, or known to have none. */
export type KnownGroup = Extract<LiveGroup, { kind: 'addressed' | 'unaddressed' }>;

/** Whether two looks at a group ask for the same records. */
export const asksForSameRecords = (a: KnownGroup, b: KnownGroup): boolean => addressIn(a) === addressIn(b);

const addressIn = (group: KnownGroup): string | undefined =>
  group.kind === 'addressed' ? group.address : undefined;

const is = (value: string | undefined, ...names: readonly string[]): boolean =>
  names.some((name) => name.toLowerCase() === value?.toLowerCase());

/** A container group as Azure Resource Manager names it. */
export interface ContainerGroupId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** The whole ARM id in lower case: Azure varies the casing of segments, so only this is ever compared. */
  readonly key: string;
}

const groupIdPattern =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerinstance\/containergroups\/([^/]+)$/i;

/** Returns `undefined` for anything but the id of a container group itself, child resources included. */
export function parseContainerGroupId(armId: string): ContainerGroupId | undefined {
  const match = groupIdPattern.exec(armId);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup = '', name = ''] = match;
  return { subscriptionId, resourceGroup, name, key: armId.toLowerCase() };
}
