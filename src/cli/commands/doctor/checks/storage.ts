import type { Connectivity } from '../../../../azure/connectivity.ts';
import { type Check, type Finding, Skip } from '../check.ts';

const allServices = ['queue', 'blob', 'table'] as const;
type Service = (typeof allServices)[number];

interface StorageFacts {
  readonly services: readonly ServiceFacts[];
  /** Services without any setting. */
  readonly unset: readonly Service[];
}

interface ServiceFacts {
  readonly setting: string;
  readonly service: Service;
  readonly connectivity: Connectivity;
}

const contents = {
  blob: 'reports of the audit',
  queue: 'deferred container groups and re-checks',
  table: 'images, reviews and the status',
} as const;

/** Storage answers from this machine. Whether it answers the app, the app itself reports. */
export const storageCheck: Check<StorageFacts> = {
  name: 'storage',
  title: 'Storage',
  async read({ config, storageConnectivity }) {
    const connections = { queue: config.deferral, blob: config.reports, table: config.state } as const;
    const services = allServices.flatMap((service) => {
      const named = connections[service];
      return named?.connection.ok
        ? [{ service, setting: named.name, connection: named.connection.value }]
        : [];
    });
    const unset = allServices.filter((service) => connections[service] === undefined);
    if (services.length + unset.length === 0) return new Skip('the settings of storage are wrong');
    const tested = services.map(async ({ service, setting, connection }) => ({
      setting,
      service,
      connectivity: await storageConnectivity(service, connection),
    }));
    return { services: await Promise.all(tested), unset };
  },
  evaluate({ services, unset }) {
    const missing = unset.map(
      (service): Finding => ({
        severity: 'error',
        what: `there is no ${service} storage`,
        why: `${contents[service]} cannot be stored`,
        fix: 'set AzureWebJobsStorage',
      }),
    );
    const failed = services.filter(({ connectivity }) => connectivity.kind !== 'reachable');
    // An account that does not answer is one finding, not one for each service.
    const groups = Map.groupBy(failed, ({ setting, connectivity }) => `${setting} ${connectivity.kind}`);
    return [...missing, ...[...groups.values()].flatMap(accountFinding)];
  },
};

/** @param services of one account, which failed in the same way. */
function accountFinding(services: readonly ServiceFacts[]): Finding[] {
  const [first] = services;
  if (first === undefined) return [];
  const { setting, connectivity } = first;
  const account = `${setting} (${services.map(({ service }) => service).join(', ')})`;
  const why = `evenkeel stores there: ${services.map(({ service }) => contents[service]).join('; ')}`;
  if (connectivity.kind === 'refused' && (connectivity.status === 401 || connectivity.status === 403)) {
    return [
      {
        severity: 'note',
        what: `${account} denies you access (${connectivity.status} ${connectivity.code ?? 'without a code'}); the check "app" shows whether the app has access`,
        why,
        fix: 'assign yourself Storage Blob, Queue and Table Data Reader on the account, or run doctor inside its network',
      },
    ];
  }
  return [
    {
      severity: 'error',
      what: `${account} cannot be reached: ${failureText(connectivity)}`,
      why,
      fix: `correct ${setting}; check that the account exists, and its network rules`,
    },
  ];
}

function failureText(connectivity: Connectivity): string {
  if (connectivity.kind === 'unreachable') return connectivity.reason;
  return connectivity.kind === 'refused' ? `it answered ${connectivity.status}` : '';
}
