import { randomBytes } from 'node:crypto';
import { startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import type { ArmAccess } from '../../src/azure/arm/client.ts';
import { azureCredential } from '../../src/azure/credential.ts';
import type { ZoneId } from '../../src/dns/record-set.ts';
import { clouds } from '../../src/settings/cloud.ts';

/** Where a contract is checked: the simulator, or a zone that somebody gave for it. */
export interface Target {
  readonly access: ArmAccess;
  readonly zone: ZoneId;
  /** A name that nothing else uses. */
  readonly scratchName: (purpose: string) => string;
  close(): Promise<void>;
}

const zoneIdPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/privateDnsZones\/([^/]+)$/i;

/**
 * `EVENKEEL_LIVE_ZONE_ID`, the ARM id of a private DNS zone, asks for the same cases against Azure, with the
 * credential of the machine. Each run uses names of its own and removes them.
 */
export function targets(): { name: string; open: () => Promise<Target> }[] {
  const live = process.env['EVENKEEL_LIVE_ZONE_ID'];
  const simulator = { name: 'the simulator', open: openSimulator };
  return live ? [simulator, { name: 'Azure', open: () => openAzure(live) }] : [simulator];
}

async function openSimulator(): Promise<Target> {
  const azure = await startLocalAzure();
  return {
    access: { endpoint: azure.armEndpoint, audience: 'unused', credential: undefined },
    zone: {
      subscriptionId: sampleSubscriptionId,
      resourceGroup: sampleHub,
      name: 'spoke-a.internal.contoso.com',
    },
    scratchName: scratchNames(),
    close: () => azure.close(),
  };
}

async function openAzure(zoneId: string): Promise<Target> {
  const [, subscriptionId, resourceGroup, name] = zoneIdPattern.exec(zoneId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) {
    throw new Error(`EVENKEEL_LIVE_ZONE_ID: expected the ARM id of a private DNS zone, found ${zoneId}`);
  }
  const { armEndpoint, armAudience, authorityHost } = clouds.AzurePublicCloud;
  return {
    access: { endpoint: armEndpoint, audience: armAudience, credential: azureCredential(authorityHost) },
    zone: { subscriptionId, resourceGroup, name },
    scratchName: scratchNames(),
    close: async () => {},
  };
}

function scratchNames(): (purpose: string) => string {
  const run = randomBytes(4).toString('hex');
  return (purpose) => `evenkeel-contract-${run}-${purpose}`;
}
