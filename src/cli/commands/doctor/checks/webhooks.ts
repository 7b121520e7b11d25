import * as v from 'valibot';
import type { ArmReader } from '../../../../azure/arm/resources.ts';
import { isJson } from '../../../../http/json-body.ts';
import type { Deadline } from '../../../../lib/deadline.ts';
import { type Identity, selectRegistry } from '../../../../registries/identify.ts';
import { type Registry, registryKey } from '../../../../registries/registry.ts';
import { type Region, regionOf } from '../../../../registries/replica.ts';
import { textOf } from '../../../../settings/setting.ts';
import { type AppIdentity, isOnThisApp } from '../app-identity.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import { registryRegions } from '../registry-regions.ts';

interface WebhookFacts {
  readonly registries: readonly {
    readonly registry: Pick<Registry, 'id' | 'name' | 'hosts' | 'resourceGroup'>;
    /** `undefined` where it is not known. */
    readonly loginServer: string | undefined;
    /** `undefined`: the registry does not exist. */
    readonly regions: readonly Region[] | undefined;
    readonly webhooks: readonly Webhook[];
  }[];
  readonly app: AppIdentity;
  /** `REGISTRY_WEBHOOK_SECRET`; `undefined` where it is unknown. */
  readonly secret: string | undefined;
}

/** A webhook of a registry, with its callback configuration. */
export interface Webhook {
  readonly name: string;
  readonly region: Region;
  readonly isEnabled: boolean;
  /** Empty: everything. */
  readonly scope: string;
  readonly actions: readonly string[];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Each replica reports its images to the app, in a way that the app accepts. */
export const webhooksCheck: Check<WebhookFacts> = {
  name: 'webhooks',
  title: 'Registry webhooks',
  async read({ config, settings, app, registries, arm, deadline }) {
    if (!config.registries.ok) return new Skip('REGISTRIES is wrong');
    const configured = config.registries.value.all;
    if (configured.length === 0) return new Skip('REGISTRIES names no registry');
    const reader = await arm();
    const known = await registryRegions(configured, await registries(), deadline);
    const withWebhooks = known.map(async ({ registry, regions, loginServer }) => ({
      registry,
      loginServer,
      regions,
      webhooks: regions === undefined ? [] : await listWebhooks(registry, reader, deadline),
    }));
    const secret = textOf(settings, 'REGISTRY_WEBHOOK_SECRET');
    return { registries: await Promise.all(withWebhooks), app, secret };
  },
  evaluate({ registries, app, secret }) {
    const identities = registries.map(({ registry: { id, name, hosts }, loginServer }) => ({
      ...{ id: registryKey(id), name, hosts, loginServer },
    }));
    return registries.flatMap(({ registry, regions, webhooks }) => {
      if (regions === undefined) return [missingRegistry(registry)];
      return regions.flatMap((region) =>
        evaluateRegion(registry, webhooks, { app, id: registry.id, identities, region, secret }),
      );
    });
  },
};

const apiVersion = '2025-11-01';
const webhookSchema = v.object({
  id: v.string(),
  name: v.string(),
  location: v.string(),
  properties: v.object({
    status: v.nullish(v.string(), 'enabled'),
    scope: v.nullish(v.string(), ''),
    actions: v.nullish(v.array(v.string()), []),
  }),
});
const callbackSchema = v.object({
  serviceUri: v.string(),
  customHeaders: v.nullish(v.record(v.string(), v.string()), {}),
});

async function listWebhooks({ id }: Registry, arm: ArmReader, deadline: Deadline): Promise<Webhook[]> {
  const values = await arm.list(`${id}/webhooks`, apiVersion, deadline);
  const webhooks = values.map(async (value): Promise<Webhook[]> => {
    const parsed = v.safeParse(webhookSchema, value);
    if (!parsed.success) return [];
    const path = `${parsed.output.id}/getCallbackConfig`;
    const callback = v.safeParse(callbackSchema, await arm.post(path, apiVersion, deadline));
    if (!callback.success) return [];
    const { name, location, properties } = parsed.output;
    return [
      {
        name,
        region: regionOf(location),
        isEnabled: properties.status.toLowerCase() === 'enabled',
        scope: properties.scope,
        actions: properties.actions,
        url: callback.output.serviceUri,
        headers: callback.output.customHeaders,
      },
    ];
  });
  return (await Promise.all(webhooks)).flat();
}

const missingRegistry = ({ id }: Pick<Registry, 'id'>): Finding => ({
  severity: 'error',
  what: `the registry ${id} does not exist`,
  why: 'nothing is known about its images',
  fix: 'correct or remove its entry in REGISTRIES',
});

/** What a webhook has to match. */
interface Target {
  readonly app: AppIdentity;
  /** ARM id of its registry. */
  readonly id: string;
  /** Those of every entry of `REGISTRIES`. */
  readonly identities: readonly Identity[];
  readonly region: Region;
  readonly secret: string | undefined;
}

/** One correct webhook is enough, however many others there are. */
function evaluateRegion(
  { name, resourceGroup }: Pick<Registry, 'name' | 'resourceGroup'>,
  all: readonly Webhook[],
  target: Target,
): Finding[] {
  const { region } = target;
  const registry = `--registry ${name} --resource-group ${resourceGroup}`;
  const candidates = all.filter((webhook) => webhook.region === region && isForEvenkeel(webhook));
  const evaluated = candidates.map((webhook) => ({ webhook, faults: webhookFaults(webhook, target) }));
  const [best] = evaluated.toSorted((a, b) => a.faults.length - b.faults.length);
  if (best === undefined) {
    return [
      {
        severity: 'error',
        what: `no webhook of ${name} in ${region} calls this app`,
        why: 'only the review finds images that arrive there',
        fix: `az acr webhook create ${registry} --name evenkeel${region} --location ${region} --actions push delete chart_push chart_delete ${uriArgument(target)} --headers x-evenkeel-secret="$REGISTRY_WEBHOOK_SECRET"`,
      },
    ];
  }
  return best.faults.map(({ what, why, fix }) => ({
    severity: 'error',
    what: `the webhook ${best.webhook.name} of ${name} in ${region} ${what}`,
    why,
    fix: `az acr webhook update ${registry} --name ${best.webhook.name} ${fix}`,
  }));
}

/** Whether a webhook is meant for evenkeel, on whichever host. */
const isForEvenkeel = ({ url }: Webhook): boolean =>
  URL.canParse(url) && /\/api\/registry-webhook\/?$/i.test(new URL(url).pathname);

interface Fault {
  readonly what: string;
  readonly why: string;
  /** Arguments of `az acr webhook update`. */
  readonly fix: string;
}

const secretHeader = 'x-evenkeel-secret';
const neededActions = ['push', 'delete'];

/** The id decides also where the body names no registry, and where two have one name. */
const uriArgument = ({ app, id, region }: Target): string =>
  `--uri "${app.url}/api/registry-webhook?registry=${encodeURIComponent(id)}&region=${region}&code=$EVENKEEL_KEY"`;

/** Everything that keeps a webhook from reporting its region to this app. */
export function webhookFaults(webhook: Webhook, expected: Target): Fault[] {
  const { app, region, secret } = expected;
  const { isEnabled, scope, actions, url, headers } = webhook;
  const target = new URL(url);
  const correctUri = uriArgument(expected);
  const faults: Fault[] = [];
  const add = (what: string, why: string, fix: string) => faults.push({ what, why, fix });
  if (!isEnabled) add('is disabled', 'it sends nothing', '--status enabled');
  if (!isOnThisApp(url, app)) add(`calls ${target.host}`, 'this app gets none of its calls', correctUri);
  const named = target.searchParams.get('region') ?? '';
  if (regionOf(named) !== region) {
    const what = named === '' ? 'names no region in its URL' : `names the region ${named} in its URL`;
    add(what, 'its calls are refused, or counted for another region', correctUri);
  }
  if (new URL(app.url).protocol === 'https:' && !target.searchParams.get('code')) {
    add('has no function key in its URL', 'all its calls are refused', correctUri);
  }
  const wrongRegistry = registryFault(target.searchParams.get('registry'), actions, expected);
  if (wrongRegistry !== undefined) add(wrongRegistry.what, wrongRegistry.why, correctUri);
  const header = (wanted: string) =>
    Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
  const contentType = header('content-type');
  if (contentType !== undefined && !isJson(contentType)) {
    const fix = `--headers ${secretHeader}="$REGISTRY_WEBHOOK_SECRET"`;
    add(`sends the content type ${contentType}`, 'all its calls are refused with 415', fix);
  }
  const sent = header(secretHeader);
  if (sent === undefined || (secret !== undefined && sent !== secret)) {
    add(
      sent === undefined ? `sends no header ${secretHeader}` : `sends another secret in ${secretHeader}`,
      'all its calls are refused with 401',
      `--headers ${secretHeader}="$REGISTRY_WEBHOOK_SECRET"`,
    );
  }
  if (scope !== '') add(`is limited to ${scope}`, 'other images and tags are not reported', "--scope ''");
  const lacking = neededActions.filter((action) => !actions.some((one) => one.toLowerCase() === action));
  if (lacking.length > 0) {
    const fix = '--actions push delete chart_push chart_delete';
    add(`does not report ${lacking.join(' and ')}`, 'only the review finds such changes', fix);
  }
  return faults;
}

/** What is wrong with the parameter `registry` of a webhook's URL. */
function registryFault(
  parameter: string | null,
  actions: readonly string[],
  { id, identities }: Target,
): Pick<Fault, 'what' | 'why'> | undefined {
  if (parameter === null) {
    const hasCharts = actions.some((action) => /^chart_/i.test(action));
    return hasCharts && identities.length > 1
      ? { what: 'names no registry in its URL', why: 'the calls about charts are refused with 404' }
      : undefined;
  }
  const named = selectRegistry(parameter, identities);
  if (named.kind === 'found' && named.entry.id === registryKey(id)) return undefined;
  return named.kind === 'ambiguous'
    ? {
        what: `names ${named.entries.length} registries in its URL`,
        why: 'the calls about charts are refused with 400',
      }
    : {
        what: `names another registry in its URL: ${parameter}`,
        why: 'the calls about charts are refused, or counted for that one',
      };
}
