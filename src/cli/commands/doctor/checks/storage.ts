import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { Connectivity } from '../ports.ts';

const allServices = ['queue', 'blob', 'table'] as const;
type Service = (typeof allServices)[number];

interface StorageFacts {
  readonly services: readonly {
    readonly setting: string;
    readonly service: Service;
    readonly answer: Connectivity;
  }[];
  /** Services without any setting. */
  readonly unset: readonly Service[];
}

const keeps = {
  blob: 'the reports of the audit',
  queue: 'what a quota puts off, and re-checks',
  table: 'images, reviews and what the status tells',
} as const;

/** Whether storage answers from here. Whether it answers the app is told by the app. */
export const storageCheck: Check<StorageFacts> = {
  name: 'storage',
  title: 'Storage',
  async read({ config, storageConnectivity: knockAtStorage }) {
    const connections = { queue: config.deferral, blob: config.reports, table: config.state } as const;
    const services = allServices.flatMap((service) => {
      const named = connections[service];
      return named?.connection.ok
        ? [{ service, setting: named.name, connection: named.connection.value }]
        : [];
    });
    const unset = allServices.filter((service) => connections[service] === undefined);
    if (services.length + unset.length === 0) return new Skip('its settings are wrong');
    const answered = services.map(async ({ service, setting, connection }) => ({
      ...{ setting, service },
      answer: await knockAtStorage(service, connection),
    }));
    return { services: await Promise.all(answered), unset };
  },
  judge({ services, unset }) {
    const missing = unset.map(
      (service): Finding => ({
        severity: 'error',
        what: `there is no ${service} storage`,
        why: `${keeps[service]} have no place`,
        fix: 'set AzureWebJobsStorage',
      }),
    );
    return [...missing, ...bySetting(services)];
  },
};

/** An account that does not answer is one finding, not one a service. */
function bySetting(services: StorageFacts['services']): Finding[] {
  const shut = services.filter(({ answer }) => answer.kind !== 'open');
  return [...Map.groupBy(shut, ({ setting, answer }) => `${setting} ${answer.kind}`).values()].flatMap(
    (group): Finding[] => {
      const [first] = group;
      if (first === undefined) return [];
      const names = group.map(({ service }) => service).join(', ');
      const why = `${group.map(({ service }) => keeps[service]).join('; ')}: all of it has to be written there`;
      const { setting, answer } = first;
      if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 403)) {
        return [
          {
            severity: 'note',
            what: `${setting} (${names}) does not let you look (${answer.status} ${answer.code ?? 'without a code'}); the check "app" says whether it lets the app`,
            why,
            fix: 'give yourself Storage Blob, Queue and Table Data Reader on the account, or look from its network',
          },
        ];
      }
      const how =
        answer.kind === 'silent'
          ? answer.reason
          : answer.kind === 'refused'
            ? `answers ${answer.status}`
            : '';
      return [
        {
          severity: 'error',
          what: `${setting} (${names}) cannot be reached: ${how}`,
          why,
          fix: `correct ${setting}; check that the account exists and its network rules`,
        },
      ];
    },
  );
}
