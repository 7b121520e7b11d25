// What the second deployment has created outside of the app's own resource group, and how it is removed again.
import { az, azJson, HookError, isMissing } from './azure-cli.mjs';

/** In this order, each after what depends on it. API versions as in the templates. */
const kinds = [
  { pattern: /\/eventSubscriptions\/[^/]+$/i, apiVersion: '2025-02-15' },
  { pattern: /\/webhooks\/[^/]+$/i, apiVersion: '2025-11-01' },
  { pattern: /\/roleAssignments\/[^/]+$/i, apiVersion: '2022-04-01' },
  { pattern: /\/systemTopics\/[^/]+$/i, apiVersion: '2025-02-15' },
  { pattern: /\/roleDefinitions\/[^/]+$/i, apiVersion: '2022-04-01' },
];

/**
 * Begins the names of the second deployments of this environment: what the first one has put out, or without that the
 * environment's name, cut, because a deployment's name has at most 64 characters.
 * @param {NodeJS.ProcessEnv} env
 */
export const connectionName = (env) =>
  env['EVENKEEL_CONNECTION'] || `evenkeel-connect-${env['AZURE_ENV_NAME'] ?? ''}`.slice(0, 46);

/** @param {string} id */
export const isEventSubscription = (id) => /\/eventSubscriptions\/[^/]+$/i.test(id);

/**
 * The ids in a deployment's outputs: each output is an array of ids, or of such arrays.
 * @param {Record<string, { value: unknown }> | null | undefined} outputs
 * @returns {string[]}
 */
export const createdIds = (outputs) =>
  Object.values(outputs ?? {})
    .flatMap(({ value }) => (Array.isArray(value) ? value.flat() : []))
    .filter((value) => typeof value === 'string');

/**
 * What the last successful deployment of this connection has created. A deployment that failed says nothing, so each has
 * a name of its own.
 * @param {string} subscriptionId
 * @param {string} connection begins the names of its deployments.
 * @returns {Promise<string[]>}
 */
export async function lastCreated(subscriptionId, connection) {
  const all = (await azJson(['deployment', 'sub', 'list', '--subscription', subscriptionId])) ?? [];
  const [last] = all
    .filter(
      (/** @type {any} */ { name, properties }) =>
        name.startsWith(`${connection}-`) && properties.provisioningState === 'Succeeded',
    )
    .sort((/** @type {any} */ a, /** @type {any} */ b) =>
      b.properties.timestamp.localeCompare(a.properties.timestamp),
    );
  if (last === undefined) return [];
  const shown = await azJson([
    'deployment',
    'sub',
    'show',
    '--subscription',
    subscriptionId,
    '--name',
    last.name,
  ]);
  return createdIds(shown?.properties.outputs);
}

/**
 * Removes them. A system topic that delivers to others too stays: without it they would hear nothing.
 * @param {readonly string[]} ids
 * @throws {HookError} naming what could not be removed; everything else is gone.
 */
export async function remove(ids) {
  /** @type {string[]} */
  const failures = [];
  for (const { pattern, apiVersion } of kinds) {
    for (const id of ids.filter((each) => pattern.test(each))) {
      if (/\/systemTopics\/[^/]+$/i.test(id)) {
        const others = await otherSubscriptions(id, apiVersion, ids);
        if (others.length > 0) {
          console.log(`evenkeel: ${id} stays, because others subscribe to it: ${others.join(', ')}`);
          continue;
        }
      }
      const ended = await az(['rest', '--method', 'delete', '--url', `${id}?api-version=${apiVersion}`]);
      if (ended.code === 0 || isMissing(ended)) console.log(`evenkeel: removed ${id}`);
      else failures.push(`${id}: ${ended.err.trim()}`);
    }
  }
  if (failures.length > 0) throw new HookError(`could not be removed:\n  ${failures.join('\n  ')}`);
}

/**
 * @param {string} topic
 * @param {string} apiVersion
 * @param {readonly string[]} ours
 * @returns {Promise<string[]>} names.
 */
async function otherSubscriptions(topic, apiVersion, ours) {
  const own = ours.map((id) => id.toLowerCase());
  const listed = await azJson(['rest', '--url', `${topic}/eventSubscriptions?api-version=${apiVersion}`]);
  return (listed?.value ?? [])
    .filter((/** @type {{ id: string }} */ { id }) => !own.includes(id.toLowerCase()))
    .map((/** @type {{ name: string }} */ { name }) => name);
}
