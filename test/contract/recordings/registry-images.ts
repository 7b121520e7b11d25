import { sampleRegistry } from '../../../local/azure/sample.ts';
import type { Recording } from './exchange.ts';

export const loginServer = `${sampleRegistry.name}.azurecr.io`;
export const repository = 'hello-world';
const scope = `repository:${repository}:pull`;
const json = { 'content-type': 'application/json; charset=utf-8' };
const version = { 'docker-distribution-api-version': 'registry/2.0' };
const docker = 'application/vnd.docker.distribution.manifest.v2+json';
const accept = `application/json, ${docker}`;
/** As the SDK for .NET writes a digest in a path. */
export const encoded = (name: string): string => name.replace(':', '%3A');
/** In place of the token that the answer before gave. */
const authorization = 'Bearer {access_token}';

export const digest = 'sha256:f54a58bc1aac5ea1a25d796ae155dc228b3f0e11d046ae276b39c4bf2f13d8c4';
export const layer = 'sha256:2db29710123e3e53a794f2694094b9b4338aa9ee5c40b930cb8063a1be392c54';
const manifest = {
  schemaVersion: 2,
  mediaType: docker,
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 1469,
    digest: 'sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412',
  },
  layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: 2479, digest: layer }],
};
/** Byte for byte: its hash is the digest. */
export const manifestText = JSON.stringify(manifest, undefined, 3);

const challenged = {
  status: 401,
  headers: {
    ...json,
    ...version,
    'www-authenticate': `Bearer realm="https://${loginServer}/oauth2/token",service="${loginServer}",scope="${scope}"`,
  },
};
const unauthorized = {
  errors: [
    {
      code: 'UNAUTHORIZED',
      message: 'authentication required, visit https://aka.ms/acr/authorization for more information.',
      detail: [{ Type: 'repository', Name: repository, Action: 'pull' }],
    },
  ],
};
const served = {
  status: 200,
  headers: {
    ...version,
    'content-type': docker,
    'content-length': '525',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  },
  body: manifest,
};
const unknown = (message: string, detail: object) => ({
  status: 404,
  headers: { ...json, ...version },
  body: { errors: [{ code: 'MANIFEST_UNKNOWN', message, detail }] },
});
const storage =
  'https://wusmanaged91.blob.core.windows.net/registry//docker/registry/v2/blobs/sha256/2d/data';
const signed = `${storage}?se=2023-01-12T01%3A13%3A06Z&sig=made-up&sp=r&spr=https&sr=b&sv=2016-05-31&regid=made-up`;
const link = signed.replaceAll('&', '&amp;');

/** A pull of an image of one platform, and what is not there. The endpoint of a region stands before the paths. */
export const images: Recording = {
  source:
    'Azure/azure-sdk-for-go: sdk/containers/azcontainerregistry/testdata/recordings/{TestClient_GetManifest,TestClient_GetManifest_wrongTag,TestBlobClient_CheckBlobExists}.json, 2022 and 2023; the redirect and the range: Azure/azure-sdk-for-net: sdk/containerregistry/Azure.Containers.ContainerRegistry/tests/SessionRecords/ContainerRegistryBlobClientLiveTests/CanDownloadBlobToStreamInUnequalChunks.json, 2023; the manifest of a digest: CanDownloadDockerManifest_AcceptMultipleMediaTypes.json there; the manifest that is not there by its digest: the answer in Azure/acr-cli#459, 2025',
  exchanges: [
    {
      what: 'challenge',
      request: { method: 'GET', path: `/v2/${repository}/manifests/latest`, headers: { accept } },
      answer: { ...challenged, body: unauthorized },
    },
    {
      what: 'manifest of a tag',
      request: {
        method: 'GET',
        path: `/v2/${repository}/manifests/latest`,
        headers: { accept, authorization },
      },
      answer: served,
    },
    {
      what: 'manifest of a digest',
      request: {
        method: 'GET',
        path: `/v2/${repository}/manifests/${encoded(digest)}`,
        headers: { accept, authorization },
      },
      answer: served,
    },
    {
      what: 'tag that is not there',
      request: {
        method: 'GET',
        path: `/v2/${repository}/manifests/wrong-tag`,
        headers: { accept, authorization },
      },
      answer: unknown('manifest tagged by "wrong-tag" is not found', { Tag: 'wrong-tag' }),
    },
    {
      what: 'digest that is not there',
      request: {
        method: 'GET',
        path: `/v2/${repository}/manifests/sha256:5e4ef89a6d7f7d4c67600a2a88a637ba0379918aba710cf4df53972e5a20b3ec`,
        headers: { accept, authorization },
      },
      answer: unknown(
        'manifest sha256:5e4ef89a6d7f7d4c67600a2a88a637ba0379918aba710cf4df53972e5a20b3ec is not found',
        {
          Name: repository,
          Revision: 'sha256:5e4ef89a6d7f7d4c67600a2a88a637ba0379918aba710cf4df53972e5a20b3ec',
        },
      ),
    },
    {
      what: 'challenge to HEAD of a layer',
      request: { method: 'HEAD', path: `/v2/${repository}/blobs/${layer}` },
      answer: challenged,
    },
    {
      what: 'HEAD of a layer',
      request: { method: 'HEAD', path: `/v2/${repository}/blobs/${layer}`, headers: { authorization } },
      answer: {
        status: 200,
        headers: {
          ...version,
          'content-type': 'application/octet-stream',
          'content-length': '2479',
          'docker-content-digest': layer,
        },
      },
    },
    {
      what: 'range of a layer',
      request: {
        method: 'GET',
        path: `/v2/${repository}/blobs/${encoded(layer)}`,
        headers: { accept: 'application/octet-stream', range: 'bytes=0-255', authorization },
      },
      answer: {
        status: 307,
        headers: {
          ...version,
          'content-type': 'text/html; charset=utf-8',
          'docker-content-digest': layer,
          location: signed,
        },
        body: `<a href="${link}">Temporary Redirect</a>.\n\n`,
      },
    },
    {
      what: 'the same range, where the redirect leads',
      request: {
        method: 'GET',
        path: signed,
        headers: { accept: 'application/octet-stream', range: 'bytes=0-255' },
      },
      answer: {
        status: 206,
        headers: {
          'accept-ranges': 'bytes',
          'content-length': '256',
          'content-range': 'bytes 0-255/2479',
          'content-type': 'application/octet-stream',
          etag: '"0x8DAF4375E44E4DF"',
          'last-modified': 'Thu, 12 Jan 2023 00:53:06 GMT',
        },
        body: '\u000b'.repeat(256),
      },
      known: ['no header etag', 'no header last-modified'],
    },
  ],
};
