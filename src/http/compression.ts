export interface RequestHeaders {
  get(name: string): string | null;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
export function acceptsGzip(headers: RequestHeaders): boolean {
  const items = (headers.get('accept-encoding') ?? '')
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim().toLowerCase()));
  const item = items.find(([name]) => name === 'gzip') ?? items.find(([name]) => name === '*');
  return item !== undefined && !item.some((part) => /^q=0(\.0*)?$/.test(part));
}
