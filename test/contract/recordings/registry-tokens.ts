import { sampleRegistry } from '../../../local/azure/sample.ts';
import type { Recording } from './exchange.ts';

const service = `${sampleRegistry.name}.azurecr.io`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json; charset=utf-8' };
/** Its parts have no meaning, and nobody signed it. */
const madeUp = 'e30.e30.made-up';

/** From a token of Entra ID to one for a repository. The endpoint of a region stands before the paths. */
export const tokens: Recording = {
  source:
    'Azure/azure-sdk-for-net: sdk/containerregistry/Azure.Containers.ContainerRegistry/tests/SessionRecords/ContainerRegistryBlobClientLiveTests/CanDownloadBlob.json, 2023',
  exchanges: [
    {
      what: 'exchange of a token of Entra ID',
      request: {
        method: 'POST',
        path: '/oauth2/exchange?api-version=2021-07-01',
        headers: form,
        body: `grant_type=access_token&service=${service}&access_token=${madeUp}`,
      },
      answer: { status: 200, headers: json, body: { refresh_token: madeUp } },
    },
    {
      what: 'token for a repository',
      request: {
        method: 'POST',
        path: '/oauth2/token?api-version=2021-07-01',
        headers: form,
        body: `service=${service}&scope=repository%3Ateam%2Fapp%3Apull&refresh_token={refresh_token of the answer before}&grant_type=refresh_token`,
      },
      answer: { status: 200, headers: json, body: { access_token: madeUp } },
    },
  ],
};
