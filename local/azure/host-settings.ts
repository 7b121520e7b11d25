import type { LocalAzure } from './local-azure.ts';
import { sampleWebhookSecret, sampleZoneMap } from './sample.ts';

/** The custom topic that the app publishes its signals to. */
export const signalTopicName = 'evenkeel';

/**
 * The settings of a Functions host beside a local Azure, but for its storage. `local.settings.sample.json` holds those
 * of the default port.
 */
export const hostSettings = ({
  armEndpoint,
  registries,
  topicEndpoint,
}: Pick<LocalAzure, 'armEndpoint' | 'registries' | 'topicEndpoint'>) => ({
  ARM_ENDPOINT: armEndpoint,
  DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
  REGISTRIES: JSON.stringify(registries.setting()),
  REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
  SIGNAL_TOPIC__topicEndpointUri: topicEndpoint(signalTopicName),
});
