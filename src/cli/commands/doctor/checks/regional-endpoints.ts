import type { ProbeAnswer } from '../../../../registries/ports.ts';
import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';
import { registryRegions } from '../registry-regions.ts';

interface EndpointFacts {
  readonly endpoints: readonly {
    readonly registry: string;
    readonly region: string;
    readonly answer: ProbeAnswer;
  }[];
}

/** Whether each replica answers at its own address, as reviews and verifications ask it. */
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
        ...{ registry: registry.name, region },
        answer: await endpoints.probe(registry, region, deadline),
      })),
    );
    return { endpoints: await Promise.all(answers) };
  },
  judge: ({ endpoints }) => endpoints.flatMap(judgeEndpoint),
};

function judgeEndpoint({ registry, region, answer }: EndpointFacts['endpoints'][number]): Finding[] {
  switch (answer.kind) {
    case 'alive':
    case 'throttled':
      return [];
    case 'failing':
      return [
        {
          severity: 'error',
          what: `the regional endpoint of ${registry} in ${region} does not answer: ${answer.reason}`,
          why: 'images there cannot be verified, and its replica will be flagged',
          fix: `look at the health of the replica (az acr replication show --registry ${registry} --name ${region}), and at firewalls and private endpoints on the way`,
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          what: `nothing can be told of the regional endpoint of ${registry} in ${region}: ${answer.reason}`,
          why: 'images there cannot be verified, and its replica is judged by what Resource Manager says only',
          fix: `switch regional endpoints on (az acr update --name ${registry} --regional-endpoints enabled), or set "endpoints" or "probe": false in REGISTRIES`,
        },
      ];
  }
}
