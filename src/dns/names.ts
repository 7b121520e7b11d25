import { isIPv4 } from 'node:net';

const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host name label as RFC 1123, section 2.1 allows it: 1 to 63 letters, digits and inner hyphens. */
export const isDnsLabel = (label: string): boolean => labelPattern.test(label);

const zoneLabelPattern = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Of a name, in characters, without a final dot: 255 octets on the wire (RFC 1035, section 2.3.4). */
export const longestName = 253;

/**
 * The name of a private zone, of 2 to 34 labels, which may hold underscores where a host name may not.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftnetwork
 */
export function isZoneName(name: string): boolean {
  const labels = name.split('.');
  const isRightLength = labels.length >= 2 && labels.length <= 34 && name.length <= longestName;
  return isRightLength && labels.every((label) => zoneLabelPattern.test(label));
}

/** Both forms of one name, `web.contoso.com` and `WEB.contoso.com.`, compare equal (RFC 4343). */
export const normalizedName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** The name that holds an address's PTR: `4.0.0.10.in-addr.arpa` for 10.0.0.4 (RFC 1035, section 3.5). */
export const reverseName = (address: string): string =>
  `${address.split('.').toReversed().join('.')}.in-addr.arpa`;

/**
 * The record set name of an address relative to a reverse zone, `@` when the zone is the address itself;
 * `undefined` when the zone does not cover the address.
 */
export function relativeReverseName(address: string, reverseZone: string): string | undefined {
  const name = reverseName(address);
  if (name === reverseZone) return '@';
  return name.endsWith(`.${reverseZone}`) ? name.slice(0, -reverseZone.length - 1) : undefined;
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const reverseZonePattern = new RegExp(`^(?:${octet}\\.){0,4}in-addr\\.arpa$`);

/**
 * Why a name cannot be used as a reverse zone, or `undefined` when it can.
 * Classless delegation (RFC 2317) adds CNAMEs from the parent zone, which Private DNS resolves to
 * a name that no address's octets lead to, so a zone like `128-26.2.0.192.in-addr.arpa` never covers anything.
 */
export function reverseZoneProblem(zone: string): string | undefined {
  if (reverseZonePattern.test(zone)) return undefined;
  if (/[-/].*\.in-addr\.arpa$/.test(zone)) {
    return 'classless reverse zones (RFC 2317) are not supported; name the zone of whole octets, such as 2.0.192.in-addr.arpa';
  }
  return 'expected whole octets in reverse order followed by in-addr.arpa, such as 1.10.in-addr.arpa';
}

/** The address that a full reverse name stands for; `undefined` for the name of a network or a wildcard. */
export function addressOf(name: string): string | undefined {
  const address = name
    .replace(/\.in-addr\.arpa$/, '')
    .split('.')
    .toReversed()
    .join('.');
  return isIPv4(address) ? address : undefined;
}
