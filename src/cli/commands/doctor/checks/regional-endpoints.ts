import type { ProbeAnswer } from '../../../../registries/ports.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import { registryRegions } from '../registry-regions.ts';

interface EndpointFacts {
  readonly endpoints: readonly {
    readonly registry: string;
    readonly region: string;
    readonly answer: ProbeAnswer;
  }[];
}

/** Each replica answers at its own address, which reviews and verifications use. */
export const regionalEndpointsCheck: Check<EndpointFacts> = {
  name: 'regional-endpoints',
  title: 'Regional endpoints',
  async read({ config, registries, prober, deadline }) {
    if (!config.registries.ok) return new Skip('REGISTRIES is wrong');
    const probed = config.registries.value.all.filter(({ probe }) => probe);
    if (probed.length === 0) return new Skip('REGISTRIES names no registry that may be probed');
    const known = await registryRegions(probed, await registries(), deadline);
    const endpoints = await prober();
    const answers = known.flatMap(({ registry, regions }) =>
      (regions ?? []).map(async (region) => ({
        registry: registry.name,
        region,
        answer: await endpoints.probe(registry, region, deadline),
      })),
    );
    return { endpoints: await Promise.all(answers) };
  },
  evaluate: ({ endpoints }) => endpoints.flatMap(evaluateEndpoint),
};

function evaluateEndpoint({ registry, region, answer }: EndpointFacts['endpoints'][number]): Finding[] {
  switch (answer.kind) {
    case 'alive':
    case 'throttled':
      return [];
    case 'failing':
      return [
        {
          severity: 'error',
          what: `the regional endpoint of ${registry} in ${region} is unhealthy: ${answer.reason}`,
          why: 'images there cannot be verified, and the replica will be flagged',
          fix: `check the health of the replica (az acr replication show --registry ${registry} --name ${region}), and the firewalls and private endpoints on the way`,
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          what: `the health of the regional endpoint of ${registry} in ${region} is unknown: ${answer.reason}`,
          why: 'images there cannot be verified, and the replica is judged by Resource Manager alone',
          fix: answer.hasAnswered
            ? `see to what it answered, from where the app runs: this machine may be kept out where the app is not`
            : `enable regional endpoints (az acr update --name ${registry} --regional-endpoints enabled), or set "endpoints" or "probe": false in REGISTRIES`,
        },
      ];
  }
}
