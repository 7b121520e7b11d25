// Runs before the first deployment: a deployment does not empty a zone map or a list of registries that the running app
// has, unless it is told to. An empty map deploys without an error, and then every event is ignored.
import { readFileSync } from 'node:fs';
import { azJson, HookError, required, runHook } from './azure-cli.mjs';

const settings = [
  { parameter: 'dnsZoneMap', setting: 'DNS_ZONE_MAP' },
  { parameter: 'registries', setting: 'REGISTRIES' },
];

await runHook(async () => {
  const { parameters } = JSON.parse(
    readFileSync(new URL('../main.parameters.json', import.meta.url), 'utf8'),
  );
  const empty = settings.filter(({ parameter, setting }) =>
    isEmpty(given(parameters[parameter]?.value, parameter), setting),
  );
  if (empty.length === 0 || process.env['EVENKEEL_ALLOW_EMPTY'] === 'true') return;
  const running = await runningSettings();
  for (const { parameter, setting } of empty) {
    const value = running.get(setting);
    if (value === undefined || isEmpty(value, setting)) continue;
    throw new HookError(
      `${parameter} is empty, but the running app has ${setting}=${value.slice(0, 200)}${value.length > 200 ? '…' : ''}. ` +
        'Give it in infra/main.parameters.json, or set EVENKEEL_ALLOW_EMPTY=true to empty it',
    );
  }
});

/**
 * The value that azd will deploy, as text: a `${NAME}` is the environment variable of that name.
 * @param {unknown} value
 * @param {string} parameter
 */
function given(value, parameter) {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  return value.replace(/\$\{(\w+)\}/g, (_, /** @type {string} */ name) => {
    const text = process.env[name];
    if (!text) {
      throw new HookError(
        `infra/main.parameters.json takes ${parameter} from ${name}, which is not set. For none: {} or []`,
      );
    }
    return text;
  });
}

/**
 * @param {string} text JSON.
 * @param {string} name
 */
function isEmpty(text, name) {
  try {
    const value = JSON.parse(text);
    return value === null || Object.keys(value).length === 0;
  } catch {
    throw new HookError(`${name} is not JSON: ${text.slice(0, 100)}`);
  }
}

/** The app settings of the running app; none before the first deployment. */
async function runningSettings() {
  const { AZURE_ENV_NAME, AZURE_SUBSCRIPTION_ID } = required(
    ['AZURE_ENV_NAME', 'AZURE_SUBSCRIPTION_ID'],
    process.env,
  );
  const place = [
    '--subscription',
    AZURE_SUBSCRIPTION_ID,
    '--resource-group',
    `rg-evenkeel-${AZURE_ENV_NAME}`,
  ];
  const apps = (await azJson(['functionapp', 'list', ...place])) ?? [];
  /** @type {Map<string, string>} */
  const all = new Map();
  for (const { name } of apps) {
    const listed = await azJson(['functionapp', 'config', 'appsettings', 'list', ...place, '--name', name]);
    for (const setting of listed ?? []) all.set(setting.name, setting.value);
  }
  return all;
}
