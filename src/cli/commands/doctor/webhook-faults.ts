import { regionOf } from '../../../registries/replica.ts';
import { type AppIdentity, isOnThisApp } from './app-identity.ts';

/** A native webhook of a registry, with what its callback configuration tells. */
export interface Webhook {
  readonly name: string;
  readonly region: string;
  readonly isEnabled: boolean;
  /** Empty: everything. */
  readonly scope: string;
  readonly actions: readonly string[];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a webhook is compared with. */
interface Expectation {
  readonly app: AppIdentity;
  readonly region: string;
  /** `REGISTRY_WEBHOOK_SECRET`; `undefined` where it is not known here. */
  readonly secret: string | undefined;
}

interface Fault {
  readonly what: string;
  readonly why: string;
  /** Arguments of `az acr webhook update`. */
  readonly fix: string;
}

const secretHeader = 'x-evenkeel-secret';
const neededActions = ['push', 'delete'];

/** Whether a webhook is meant for some evenkeel: whichever host it names. */
export const isForEvenkeel = ({ url }: Webhook): boolean =>
  URL.canParse(url) && /\/api\/registry-webhook\/?$/i.test(new URL(url).pathname);

/** Everything that keeps a webhook from telling this app of its region; nothing when it does. */
export function webhookFaults(webhook: Webhook, { app, region, secret }: Expectation): Fault[] {
  const { isEnabled, scope, actions, url, headers } = webhook;
  const target = new URL(url);
  const right = `--uri "${app.url}/api/registry-webhook?region=${region}&code=$EVENKEEL_KEY"`;
  const faults: Fault[] = [];
  const add = (what: string, why: string, fix: string) => faults.push({ what, why, fix: fix });
  if (!isEnabled) add('is disabled', 'it tells nothing', '--status enabled');
  if (!isOnThisApp(url, app)) add(`goes to ${target.host}`, 'this app hears nothing of it', right);
  const named = target.searchParams.get('region') ?? '';
  if (regionOf(named) !== region) {
    const what = named === '' ? 'names no region in its URL' : `names the region ${named} in its URL`;
    add(what, 'what it tells is refused, or taken for another region', right);
  }
  if (new URL(app.url).protocol === 'https:' && !target.searchParams.get('code')) {
    add('has no function key in its URL', 'everything that it tells is refused', right);
  }
  const sent = Object.entries(headers).find(([name]) => name.toLowerCase() === secretHeader)?.[1];
  if (sent === undefined || (secret !== undefined && sent !== secret)) {
    add(
      sent === undefined ? `sends no header ${secretHeader}` : `sends another secret in ${secretHeader}`,
      'everything that it tells is refused with 401',
      `--headers ${secretHeader}="$REGISTRY_WEBHOOK_SECRET"`,
    );
  }
  if (scope !== '') add(`is about ${scope} only`, 'other images and tags are told by nobody', "--scope ''");
  const lacking = neededActions.filter((action) => !actions.some((one) => one.toLowerCase() === action));
  if (lacking.length > 0) {
    const fix = '--actions push delete chart_push chart_delete';
    add(`does not tell of ${lacking.join(' and ')}`, 'such changes are found by the review only', fix);
  }
  return faults;
}
