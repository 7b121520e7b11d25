import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import type { Clock } from '../clock.ts';
import { type Registries, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';

/** Path that the data host stands for; no other host of the simulator serves it. */
export const dataRoot = '/registry-data';

/** Path of a replica's blobs. @param label The first label of the registry's login server. */
export const dataPath = (label: string, region: string): string => `${dataRoot}/${label}/${region}`;

const lifetimeMs = 20 * 60_000;

/**
 * The host that endpoints send clients to for the bytes of a blob. Its addresses are signed and expire, and it wants no
 * other credential: like the storage behind it, it refuses a request that brings one.
 * https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints
 */
export class DataHost {
  private readonly key = randomBytes(32);
  private readonly clock: Clock;
  private readonly registries: Registries;

  constructor(parts: { readonly clock: Clock; readonly registries: Registries }) {
    this.clock = parts.clock;
    this.registries = parts.registries;
  }

  /** Path and query of a blob, below the base URL of the data host. */
  addressOf(label: string, replica: Replica, repository: string, digest: string): string {
    const path = `${dataPath(label, replica.region)}/${digest}`;
    const until = new Date(this.clock.now() + lifetimeMs).toISOString();
    const query = new URLSearchParams({
      r: repository,
      se: until,
      sp: 'r',
      sig: this.sign(path, repository, until),
    });
    return `${path.slice(dataRoot.length)}?${query}`;
  }

  get operations(): Operation[] {
    const path = `${dataRoot}/{registry}/{region}/{digest}`;
    const handle = (request: ArmRequest) => this.serve(request);
    return [
      { name: 'RegistryData_Get', method: 'GET', path, protocol: 'registry', handle },
      { name: 'RegistryData_Head', method: 'HEAD', path, protocol: 'registry', handle },
    ];
  }

  private serve(request: ArmRequest): ArmAnswer {
    if (request.headers.has('authorization')) {
      return refusal(
        400,
        'InvalidAuthenticationInfo',
        'Authentication information is not given in the correct format.',
      );
    }
    const [repository, until, signature] = ['r', 'se', 'sig'].map((name) => request.query.get(name) ?? '');
    const expected = Buffer.from(this.sign(request.id, repository ?? '', until ?? ''));
    const given = Buffer.from(signature ?? '');
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isSigned || !(Date.parse(until ?? '') > this.clock.now())) {
      return refusal(403, 'AuthenticationFailed', 'Server failed to authenticate the request.');
    }
    const registry = this.registries.labelled(request.param('registry'));
    const replica = registry && replicaIn(registry, request.param('region'));
    const blob = replica?.content.findBlob(repository ?? '', request.param('digest'));
    if (blob === undefined) return refusal(404, 'BlobNotFound', 'The specified blob does not exist.');
    return rangeOf(blob.bytes, request.headers.get('range'));
  }

  private sign(path: string, repository: string, until: string): string {
    return createHmac('sha256', this.key).update(`${path}\n${repository}\n${until}`).digest('base64');
  }
}

/**
 * The bytes that a `Range` asks for, or all. As storage does, it takes `bytes=first-` and `bytes=first-last` and
 * ignores other forms.
 * https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
 */
export function rangeOf(bytes: Uint8Array<ArrayBuffer>, range: string | null): ArmAnswer {
  const size = bytes.byteLength;
  const common = { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes' };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined) {
    return { status: 200, headers: { ...common, 'Content-Length': String(size) }, bytes };
  }
  const first = Number(from);
  const last = to === undefined || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) {
    const refused = refusal(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
    );
    return { ...refused, headers: { ...refused.headers, 'Content-Range': `bytes */${size}` } };
  }
  const part = bytes.slice(first, last + 1);
  const headers = {
    ...common,
    'Content-Length': String(part.byteLength),
    'Content-Range': `bytes ${first}-${last}/${size}`,
  };
  return { status: 206, headers, bytes: part };
}

const refusal = (status: number, code: string, message: string): ArmAnswer => ({
  status,
  headers: { 'Content-Type': 'application/xml', 'x-ms-error-code': code },
  text: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});
