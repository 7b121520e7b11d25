import { ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { PrivateDnsManagementClient } from '@azure/arm-privatedns';
import { bearerTokenAuthenticationPolicyName } from '@azure/core-rest-pipeline';
import type { LocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';

const credential = { getToken: () => Promise.reject(new Error('no credential on loopback')) };

const clientOptions = ({ armEndpoint }: LocalAzure) => ({
  endpoint: armEndpoint,
  allowInsecureConnection: true,
  retryOptions: { maxRetries: 0 },
});

/** The client that evenkeel uses, as far as it can speak plain http: without a credential. */
export function privateDnsClient(azure: LocalAzure): PrivateDnsManagementClient {
  const client = new PrivateDnsManagementClient(credential, sampleSubscriptionId, clientOptions(azure));
  client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
  return client;
}

export function containerClient(azure: LocalAzure): ContainerInstanceManagementClient {
  const client = new ContainerInstanceManagementClient(
    credential,
    sampleSubscriptionId,
    clientOptions(azure),
  );
  client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
  return client;
}

export function registryClient(azure: LocalAzure): ContainerRegistryManagementClient {
  const client = new ContainerRegistryManagementClient(
    credential,
    sampleSubscriptionId,
    clientOptions(azure),
  );
  client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
  return client;
}
