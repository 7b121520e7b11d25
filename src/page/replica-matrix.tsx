import { useId, useState } from 'preact/hooks';
import type { Registry } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { hasProblem } from './filter.ts';
import { Icon } from './icons.tsx';
import { Name, TimeAgo } from './inline-text.tsx';
import { ReplicaDetails } from './replica-details.tsx';
import { needsAttention, replicaState } from './replica-state.ts';
import { Table } from './table.tsx';

const initialRegistries = 8;

/** Every replica by registry and region; a click opens its details. */
export function ReplicaMatrix({ registries }: { readonly registries: readonly Registry[] }) {
  const sorted = registries.toSorted((a, b) => rank(a) - rank(b));
  const { shown, toggle } = useShowMore(sorted, initialRegistries, 'registries');
  const regions = regionsOf(shown);
  return (
    <>
      <Table variant="matrix" caption="Replicas by registry and region" columns={['Registry', ...regions]}>
        {shown.map((registry) => (
          <RegistryRows key={registry.registry} registry={registry} regions={regions} />
        ))}
      </Table>
      {toggle}
    </>
  );
}

function rank(registry: Registry): number {
  if (registry.replicas.some(needsAttention)) return 0;
  if (hasProblem(registry)) return 1;
  return registry.replicas.some(({ routed }) => routed !== true) ? 2 : 3;
}

/** Regions with something to see come first, because a wide table shows its first columns. */
function regionsOf(registries: readonly Registry[]): string[] {
  const ranks = new Map<string, number>();
  for (const replica of registries.flatMap(({ replicas }) => replicas)) {
    const own = needsAttention(replica) ? 0 : replica.routed === true ? 2 : 1;
    ranks.set(replica.region, Math.min(own, ranks.get(replica.region) ?? own));
  }
  return [...ranks]
    .sort(([a, rankOfA], [b, rankOfB]) => rankOfA - rankOfB || (a < b ? -1 : 1))
    .map(([region]) => region);
}

interface RegistryRowsProps {
  readonly registry: Registry;
  readonly regions: readonly string[];
}

function RegistryRows({
  registry: { registry, reviewedAt, mode, home, replicas },
  regions,
}: RegistryRowsProps) {
  const [openRegion, setOpenRegion] = useState<string>();
  const id = useId();
  const openReplica = replicas.find(({ region }) => region === openRegion);
  return (
    <>
      <tr>
        <th scope="row">
          <Name>{registry}</Name>
          <span class="muted about">
            {reviewedAt === null ? (
              'not reviewed yet'
            ) : (
              <>
                {mode}, reviewed <TimeAgo at={reviewedAt} />
              </>
            )}
          </span>
        </th>
        {regions.map((region) => {
          const replica = replicas.find((candidate) => candidate.region === region);
          if (replica === undefined) {
            return (
              <td key={region} class="no-replica">
                <span class="visually-hidden">no replica</span>
              </td>
            );
          }
          const { label, tone } = replicaState(replica);
          const isOpen = openRegion === region;
          return (
            <td key={region} data-name={region}>
              <button
                type="button"
                class={`cell is-${tone}`}
                aria-expanded={isOpen}
                aria-controls={id}
                onClick={() => setOpenRegion(isOpen ? undefined : region)}
              >
                <Icon tone={tone} />
                <span>{label}</span>
                {region === home ? <span class="home">home</span> : null}
              </button>
            </td>
          );
        })}
      </tr>
      <tr id={id} class="detail" hidden={openReplica === undefined}>
        <td colSpan={regions.length + 1}>
          {openReplica === undefined ? null : (
            <div class="sticky">
              <h3>
                <Name>{registry}</Name> in <Name>{openReplica.region}</Name>
              </h3>
              <ReplicaDetails replica={openReplica} />
            </div>
          )}
        </td>
      </tr>
    </>
  );
}
