import {
  app,
  type EventGridHandler,
  type HttpHandler,
  type StorageQueueHandler,
  type TimerHandler,
} from '@azure/functions';
import type { Config } from '../config.ts';
import { queueName } from '../dns/queue-name.ts';

/** The functions of the app. Those for assistants register themselves, where they are asked for. */
export interface DnsFunctions {
  readonly reconcileDns: EventGridHandler;
  readonly resumeDns: StorageQueueHandler;
  readonly auditDns: TimerHandler;
  readonly trackIpDrift: EventGridHandler;
}

export interface RegistryFunctions {
  readonly receiveRegistryWebhook: HttpHandler;
  readonly receiveRegistryEvent: EventGridHandler;
  readonly getReplication: HttpHandler;
  readonly reviewReplicas: TimerHandler;
  readonly rehearseReplica: HttpHandler;
  readonly getStatus: HttpHandler;
  readonly statusPage: HttpHandler;
}

/** Loads the functions, with the first invocation of any of them. */
interface LoadFunctions {
  readonly dns: () => Promise<DnsFunctions>;
  readonly registries: () => Promise<RegistryFunctions>;
}

/** Registers each function with its trigger. The app starts without their code. */
export function registerFunctions(
  config: Pick<Config, 'auditSchedule' | 'reviewSchedule' | 'deferral'>,
  { dns, registries }: LoadFunctions,
): void {
  app.eventGrid('reconcileDns', {
    handler: async (event, context) => (await dns()).reconcileDns(event, context),
  });
  app.storageQueue('resumeDns', {
    queueName,
    connection: config.deferral?.name ?? 'AzureWebJobsStorage',
    handler: async (message, context) => (await dns()).resumeDns(message, context),
  });
  app.timer('auditDns', {
    schedule: config.auditSchedule.binding,
    handler: async (timer, context) => (await dns()).auditDns(timer, context),
  });
  app.eventGrid('trackIpDrift', {
    handler: async (event, context) => (await dns()).trackIpDrift(event, context),
  });
  app.http('receiveRegistryWebhook', {
    methods: ['POST'],
    authLevel: 'function',
    route: 'registry-webhook',
    handler: async (request, context) => (await registries()).receiveRegistryWebhook(request, context),
  });
  app.eventGrid('receiveRegistryEvent', {
    handler: async (event, context) => (await registries()).receiveRegistryEvent(event, context),
  });
  app.http('getReplication', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'replication',
    handler: async (request, context) => (await registries()).getReplication(request, context),
  });
  app.timer('reviewReplicas', {
    schedule: config.reviewSchedule.binding,
    handler: async (timer, context) => (await registries()).reviewReplicas(timer, context),
  });
  app.http('rehearseReplica', {
    methods: ['POST', 'DELETE'],
    authLevel: 'function',
    route: 'rehearsals',
    handler: async (request, context) => (await registries()).rehearseReplica(request, context),
  });
  app.http('getStatus', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'status',
    handler: async (request, context) => (await registries()).getStatus(request, context),
  });
  app.http('statusPage', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'dashboard',
    handler: async (request, context) => (await registries()).statusPage(request, context),
  });
}
