// Runs after the code is deployed: connects the app with what there is, by ../connect.bicep. It may run any number of
// times, and each time it mends what an earlier run has left undone.
import { fileURLToPath } from 'node:url';
import { az, azJson, HookError, required, runHook } from './azure-cli.mjs';
import { connectionName, createdIds, isEventSubscription, lastCreated, remove } from './connections.mjs';

const functions = ['reconcileDns', 'trackIpDrift', 'receiveRegistryEvent', 'receiveRegistryWebhook'];
const attempts = 3;
const parameters = fileURLToPath(new URL('../connect.bicepparam', import.meta.url));
/** In seconds; shorter in tests. */
const pauseMs = Number(process.env['EVENKEEL_HOOK_PAUSE_SECONDS'] ?? '30') * 1000;

/** Read here or by connect.bicepparam. */
const needed = /** @type {const} */ ([
  'AZURE_SUBSCRIPTION_ID',
  'AZURE_LOCATION',
  'AZURE_ENV_NAME',
  'AZURE_RESOURCE_GROUP',
  'EVENKEEL_APP',
  'EVENKEEL_DEAD_LETTER_CONTAINER',
  'EVENKEEL_DNS_ZONE_MAP',
  'EVENKEEL_EVENTS_IDENTITY_ID',
  'EVENKEEL_FUNCTION_APP_ID',
  'EVENKEEL_FUNCTION_APP_NAME',
  'EVENKEEL_PRINCIPAL_ID',
  'EVENKEEL_REGISTRIES',
  'EVENKEEL_REPLICA_REGIONS',
  'EVENKEEL_ROUTING_MODE',
  'EVENKEEL_SIGNAL_TOPIC_NAME',
  'EVENKEEL_STORAGE_ACCOUNT_ID',
  'EVENKEEL_VAULT_NAME',
]);

await runHook(async () => {
  const settings = required(needed, process.env);
  const subscription = settings.AZURE_SUBSCRIPTION_ID;
  const connection = connectionName(process.env);
  await waitForFunctions(settings.EVENKEEL_FUNCTION_APP_ID);
  const before = await lastCreated(subscription, connection);

  let created;
  for (let attempt = 1; created === undefined; attempt += 1) {
    await warm(settings.EVENKEEL_APP);
    const result = await deploy(subscription, settings.AZURE_LOCATION, connection);
    if (result.problem === undefined) created = result.created;
    else if (attempt === attempts)
      throw new HookError(`${result.problem}\nWhen that is mended: azd hooks run postdeploy`);
    else {
      console.log(`evenkeel: attempt ${attempt} of ${attempts}: ${result.problem}`);
      await pause(pauseMs);
    }
  }
  const kept = new Set(created.map((id) => id.toLowerCase()));
  await remove(before.filter((id) => !kept.has(id.toLowerCase())));
});

/**
 * Resource Manager learns of new functions a little after they are there.
 * @param {string} app
 */
async function waitForFunctions(app) {
  for (const name of functions) {
    const { code, err } = await az([
      ...['resource', 'wait', '--exists', '--ids', `${app}/functions/${name}`],
      ...['--api-version', '2025-03-01', '--interval', '10', '--timeout', '600'],
    ]);
    if (code !== 0) throw new HookError(`the function ${name} is not there: ${err.trim()}`);
  }
}

/**
 * Event Grid asks a function once whether it wants the events, and gives a cold one no time. Any answer of the host will
 * do, a refusal too; without one the deployment says what is wrong.
 * @param {string} app
 */
async function warm(app) {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    try {
      const { status } = await fetch(`${app}/api/status`, { signal: AbortSignal.timeout(30_000) });
      if (status < 500) return;
    } catch {
      // Not there yet.
    }
    await pause(pauseMs / 6);
  }
  console.log(`evenkeel: ${app} does not answer; going on`);
}

/**
 * @param {string} subscription
 * @param {string} location
 * @param {string} connection
 * @returns {Promise<{ created: string[], problem?: undefined } | { problem: string }>}
 */
async function deploy(subscription, location, connection) {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 17);
  const ended = await az([
    ...[
      'deployment',
      'sub',
      'create',
      '--output',
      'json',
      '--subscription',
      subscription,
      '--location',
      location,
    ],
    ...['--name', `${connection}-${stamp}`, '--parameters', parameters],
  ]);
  if (ended.code !== 0) return { problem: `the deployment failed: ${ended.err.trim()}` };
  const created = createdIds(JSON.parse(ended.out.trim() || '{}').properties?.outputs);
  const failed = [];
  for (const id of created.filter(isEventSubscription)) {
    const shown = await azJson(['rest', '--url', `${id}?api-version=2025-02-15`]);
    const state = shown?.properties.provisioningState ?? 'missing';
    if (state !== 'Succeeded') failed.push(`${id} is ${state}`);
  }
  return failed.length === 0
    ? { created }
    : { problem: `event subscriptions do not deliver:\n  ${failed.join('\n  ')}` };
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
