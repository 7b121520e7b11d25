import * as v from 'valibot';
import type { Deadline } from '../../../lib/deadline.ts';
import type { Registry } from '../../../registries/registry.ts';
import { regionOf } from '../../../registries/replica.ts';
import { textOf } from '../../../settings/setting.ts';
import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { ArmReader } from '../ports.ts';
import { registryRegions } from '../registry-regions.ts';
import type { AppIdentity } from '../this-app.ts';
import { isForEvenkeel, type Webhook, webhookFaults } from '../webhook-faults.ts';

interface WebhookFacts {
  readonly registries: readonly {
    readonly registry: Pick<Registry, 'id' | 'name'>;
    /** `undefined`: Azure has no such registry. */
    readonly regions: readonly string[] | undefined;
    readonly webhooks: readonly Webhook[];
  }[];
  readonly app: AppIdentity;
  readonly secret: string | undefined;
}

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

/** Whether each replica tells the app of its own copies, so that the app takes it. */
export const webhooksCheck: Check<WebhookFacts> = {
  name: 'webhooks',
  title: 'Webhooks of registries',
  async read({ config, settings, app, registries, arm, deadline }) {
    if (!config.registries.ok) return new Skip('REGISTRIES is wrong');
    const configured = config.registries.value.all;
    if (configured.length === 0) return new Skip('REGISTRIES names no registry');
    const reader = await arm();
    const known = await registryRegions(configured, await registries(), deadline);
    const withWebhooks = known.map(async ({ registry, regions }) => ({
      ...{ registry, regions },
      webhooks: regions === undefined ? [] : await webhooksOf(registry, reader, deadline),
    }));
    const secret = textOf(settings, 'REGISTRY_WEBHOOK_SECRET');
    return { registries: await Promise.all(withWebhooks), app, secret };
  },
  judge: ({ registries, app, secret }) =>
    registries.flatMap(({ registry, regions, webhooks }) => {
      if (regions === undefined) return [missingRegistry(registry)];
      return regions.flatMap((region) => judgeRegion(registry, region, webhooks, { app, secret }));
    }),
};

async function webhooksOf({ id }: Registry, arm: ArmReader, deadline: Deadline): Promise<Webhook[]> {
  const values = await arm.list(`${id}/webhooks`, apiVersion, deadline);
  const webhooks = values.map(async (value): Promise<Webhook[]> => {
    const parsed = v.safeParse(webhookSchema, value);
    if (!parsed.success) return [];
    const { name, location, properties } = parsed.output;
    const path = `${parsed.output.id}/getCallbackConfig`;
    const callback = v.safeParse(callbackSchema, await arm.ask(path, apiVersion, deadline));
    if (!callback.success) return [];
    const { status, scope, actions } = properties;
    const { serviceUri: url, customHeaders: headers } = callback.output;
    const isEnabled = status.toLowerCase() === 'enabled';
    return [{ ...{ name, isEnabled, scope, actions, url, headers }, region: regionOf(location) }];
  });
  return (await Promise.all(webhooks)).flat();
}

const missingRegistry = ({ id }: Pick<Registry, 'id'>): Finding => ({
  severity: 'error',
  what: `the registry ${id} does not exist`,
  why: 'nothing is known of its images',
  mend: 'correct or remove its entry in REGISTRIES',
});

/** One webhook that does what is needed is enough, however many others there are. */
function judgeRegion(
  { name }: Pick<Registry, 'name'>,
  region: string,
  all: readonly Webhook[],
  { app, secret }: Pick<WebhookFacts, 'app' | 'secret'>,
): Finding[] {
  const webhooks = all.filter((webhook) => webhook.region === region && isForEvenkeel(webhook));
  const judged = webhooks.map((webhook) => ({
    webhook,
    faults: webhookFaults(webhook, { app, region, secret }),
  }));
  const [first] = judged.toSorted((a, b) => a.faults.length - b.faults.length);
  if (first === undefined) {
    return [
      {
        severity: 'error',
        what: `no webhook of ${name} in ${region} tells this app`,
        why: 'copies that arrive there are found by the review only',
        mend: `az acr webhook create --registry ${name} --name evenkeel${region} --location ${region} --actions push delete chart_push chart_delete --uri "${app.url}/api/registry-webhook?region=${region}&code=$EVENKEEL_KEY" --headers x-evenkeel-secret="$REGISTRY_WEBHOOK_SECRET"`,
      },
    ];
  }
  return first.faults.map(({ what, why, mend }) => ({
    severity: 'error',
    what: `the webhook ${first.webhook.name} of ${name} in ${region} ${what}`,
    why,
    mend: `az acr webhook update --registry ${name} --name ${first.webhook.name} ${mend}`,
  }));
}
