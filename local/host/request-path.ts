/** Letters, digits and the marks that mean the same written out: https://www.rfc-editor.org/rfc/rfc3986#section-2.3 */
const escapedUnreserved = /%(?:3\d|[46][1-9a-f]|[57][0-9a]|2[de]|5f|7e)/gi;

/** The path of a URL as ASP.NET matches it: `/api/%73tatus` is `/api/status`. */
export const requestPath = (url: string): string =>
  new URL(url).pathname.replaceAll(escapedUnreserved, (triplet) => decodeURIComponent(triplet));
