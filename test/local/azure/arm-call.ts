import type { LocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';

const hub = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-hub-dns`;
const dns = `${hub}/providers/Microsoft.Network/privateDnsZones`;
const aci = 'providers/Microsoft.ContainerInstance/containerGroups';

/** ARM ids in the sample network. */
export const ids = {
  zone: (name: string) => `${dns}/${name}`,
  group: (name: string, spoke = 'rg-spoke-a') =>
    `/subscriptions/${sampleSubscriptionId}/resourceGroups/${spoke}/${aci}/${name}`,
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** A plain request, to see what the SDKs hide. `path` is an ARM id; the api-version is added unless there is a query. */
export async function call(
  azure: LocalAzure,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawAnswer> {
  const url = `${azure.armEndpoint}${path}${path.includes('?') ? '' : '?api-version=2024-06-01'}`;
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  const headers = { 'content-type': 'application/json', ...options.headers };
  const answer = await fetch(url, { method, headers, body });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
