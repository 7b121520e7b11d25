import type { BlobReader } from '../../registries/ports.ts';
import type { EndpointAnswer, EndpointCaller } from './caller.ts';
import { blobPath } from './manifest.ts';
import { notAskedOf } from './not-asked.ts';

/** Asks regional endpoints for configs and layers. */
export const blobReader = (caller: EndpointCaller): BlobReader => ({
  async hasBlob(registry, region, repository, digest, deadline) {
    const path = blobPath(repository, digest);
    if (path === undefined) return { kind: 'unverified', reason: 'no name of a blob' };
    const request = { path, headers: {}, scope: `repository:${repository}:pull` };
    const head = await caller.call(registry, region, { ...request, method: 'HEAD' }, deadline);
    // The reason of a refusal is in the body, which only a GET has. One byte is enough of a blob.
    const isUseless = head.kind === 'answered' && (head.status === 403 || head.status === 405);
    const headers = { range: 'bytes=0-0' };
    const answer = isUseless
      ? await caller.call(registry, region, { ...request, method: 'GET', headers, maxBytes: 4_096 }, deadline)
      : head;
    if (answer.kind === 'answered' && answer.status === 404) return { kind: 'absent' };
    if (showsBlob(answer, path)) return { kind: 'present' };
    return notAskedOf(registry, answer, caller, deadline);
  },
});

/**
 * Whether an answer shows that a blob is there. The redirect is not followed: it leads to storage, for which the token
 * of the registry is not meant, and the registry looks the blob up before it names the place.
 *
 * | answer                                                                  | the blob is there                   |
 * |-------------------------------------------------------------------------|-------------------------------------|
 * | 200, 206                                                                | yes                                 |
 * | 302, 303, 307 to another place than a blob of a registry                | yes: to the data host or to storage |
 * | 302, 303, 307 to a blob of a registry                                   | unknown: another front door         |
 *
 * https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints
 */
function showsBlob(answer: EndpointAnswer, path: string): boolean {
  if (answer.kind !== 'answered') return false;
  const { status, header } = answer;
  if (status === 200 || status === 206) return true;
  if (status !== 302 && status !== 303 && status !== 307) return false;
  const location = header('location') ?? '';
  return URL.canParse(location) && !new URL(location).pathname.endsWith(path);
}
