const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host name label as RFC 1123, section 2.1 allows it: 1 to 63 letters, digits and inner hyphens. */
export const isDnsLabel = (label: string): boolean => labelPattern.test(label);

/** Both forms of one name, `web.contoso.com` and `WEB.contoso.com.`, compare equal (RFC 4343). */
export const normalizedName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
