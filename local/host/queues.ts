import * as v from 'valibot';
import type { RegisteredFunction } from './function-app.ts';
import type { QueueSettings } from './host-json.ts';
import { describeError, type HostLog } from './host-log.ts';
import type { Invoker } from './invoker.ts';
import { QueueListener } from './queue-listener.ts';
import { resolveReferences, SettingsError } from './settings.ts';

const queueTrigger = v.object({
  queueName: v.string(),
  connection: v.optional(v.pipe(v.string(), v.minLength(1)), 'AzureWebJobsStorage'),
});

interface QueueOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly invoker: Invoker;
  readonly log: HostLog;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  readonly env: NodeJS.ProcessEnv;
}

interface Queues {
  /** Resolves when the messages in hand are done. */
  stop(): Promise<void>;
}

const isQueueFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'queuetrigger';

/** Listens to the queue of each queue function. One without a usable connection is left out, with a line in the log. */
export async function startQueues(options: QueueOptions): Promise<Queues> {
  const targets = options.functions.filter(isQueueFunction);
  if (targets.length === 0) return { stop: async () => {} };
  // The SDK takes a while to load, which a host without queues need not wait for.
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const listeners = targets.flatMap((target) => {
    try {
      const { queueName, connection } = v.parse(queueTrigger, target.trigger);
      const name = resolveReferences(queueName, options.env).toLowerCase();
      const service = QueueServiceClient.fromConnectionString(connectionString(connection, options.env), {
        // The listener waits and tries again by itself.
        retryOptions: { maxTries: 1 },
      });
      const listener = new QueueListener({
        ...options,
        queue: service.getQueueClient(name),
        poison: service.getQueueClient(`${name}-poison`),
        fire: (firing) => options.invoker.fire(target, firing),
      });
      return [listener];
    } catch (error) {
      options.log.write('error', `The function '${target.name}' has no queue: ${describeError(error)}`);
      return [];
    }
  });
  return {
    async stop() {
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}

/** The runtime looks for the name itself first, then for the name behind `AzureWebJobs`. */
function connectionString(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name] || env[`AzureWebJobs${name}`];
  if (value) return value;
  if (env[`${name}__queueServiceUri`]) {
    throw new SettingsError(
      `${name}__queueServiceUri asks for an identity, which this host has none of; set ${name} to a connection string`,
    );
  }
  throw new SettingsError(`the setting ${name} must hold the connection string of a storage account`);
}
