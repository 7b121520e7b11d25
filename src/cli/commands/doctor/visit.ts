import type { Config } from '../../../config.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import type { EndpointProber, RegistryReader } from '../../../registries/ports.ts';
import type { Endpoint } from '../../../settings/endpoint.ts';
import type { Environment } from '../../../settings/setting.ts';
import type { AppAccess } from '../../app-client.ts';
import type { StatusAnswer } from '../status/document.ts';
import type { AppIdentity } from './app-identity.ts';
import type { EventPathPorts } from './checks/event-path.ts';
import type { Places } from './places.ts';
import type { ArmReader, Connectivity, StorageConnectivity } from './ports.ts';

/** What the app said of itself, or why it said nothing. */
export type StatusReading =
  | {
      readonly kind: 'answered';
      readonly status: StatusAnswer;
      readonly askedAt: Date;
      readonly answeredAt: Date;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** All that checks read from. What several of them need is read once. */
export interface CheckContext {
  readonly config: Config;
  readonly settings: Environment;
  readonly app: AppAccess & AppIdentity;
  /** Object id of the app's identity. */
  readonly principal: string | undefined;
  readonly deadline: Deadline;
  readonly interrupted: AbortSignal;
  readonly now: () => Date;
  readonly status: () => Promise<StatusReading>;
  readonly arm: () => Promise<ArmReader>;
  /** Where the zone map's resource groups are. @throws {SettingError} when the zone map is bad. */
  readonly places: () => Promise<Places>;
  /** ARM id of the custom topic; `undefined` when none of those that can be seen has its endpoint. */
  readonly signalTopicId: () => Promise<string | undefined>;
  readonly registries: () => Promise<RegistryReader>;
  readonly prober: () => Promise<EndpointProber>;
  readonly storageConnectivity: StorageConnectivity;
  readonly topicConnectivity: (topic: Endpoint) => Promise<Connectivity>;
  /** What writes: for the one check that sends an event through, which has to be asked for. */
  readonly eventPath: () => Promise<EventPathPorts>;
}
