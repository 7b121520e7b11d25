import { useId, useState } from 'preact/hooks';
import type { Registry } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { Icon } from './icons.tsx';
import { TimeAgo } from './inline-text.tsx';
import { ReplicaDetails } from './replica-details.tsx';
import { needsAttention, replicaState } from './replica-state.ts';
import { Table } from './table.tsx';

const shortRegistries = 8;

/** Every replica, by registry and region; each opens what is known of it. */
export function ReplicaMatrix({ registries }: { readonly registries: readonly Registry[] }) {
  const sorted = registries.toSorted((a, b) => rank(a) - rank(b));
  const { shown, toggle } = useShowMore(sorted, shortRegistries, 'registries');
  const regions = regionsOf(shown);
  return (
    <>
      <Table kind="matrix" caption="Replicas by registry and region" names={['Registry', ...regions]}>
        {shown.map((registry) => (
          <RegistryRows key={registry.registry} registry={registry} regions={regions} />
        ))}
      </Table>
      {toggle}
    </>
  );
}

function rank({ replicas, reviewedAt, frozen, commonCause, problems }: Registry): number {
  if (replicas.some(needsAttention)) return 0;
  if (reviewedAt === null || frozen !== null || commonCause || problems.length > 0) return 1;
  return replicas.some(({ routed }) => routed !== true) ? 2 : 3;
}

/** Those where something is to be seen come first: of a wide table the first columns are seen. */
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
  const [opened, setOpened] = useState<string>();
  const id = useId();
  const detailed = replicas.find(({ region }) => region === opened);
  return (
    <>
      <tr>
        <th scope="row">
          {registry}
          <span class="quiet about">
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
          const replica = replicas.find((one) => one.region === region);
          if (replica === undefined) {
            return (
              <td key={region} class="nothing">
                <span class="for-readers">no replica</span>
              </td>
            );
          }
          const { label: words, tone: mark } = replicaState(replica);
          const isOpen = opened === region;
          return (
            <td key={region} data-name={region}>
              <button
                type="button"
                class={`cell is-${mark}`}
                aria-expanded={isOpen}
                aria-controls={id}
                onClick={() => setOpened(isOpen ? undefined : region)}
              >
                <Icon kind={mark} />
                <span>{words}</span>
                {region === home ? <span class="home">home</span> : null}
              </button>
            </td>
          );
        })}
      </tr>
      <tr id={id} class="detail" hidden={detailed === undefined}>
        <td colSpan={regions.length + 1}>
          {detailed === undefined ? null : (
            <div class="sticky">
              <h3>
                {registry} in {detailed.region}
              </h3>
              <ReplicaDetails replica={detailed} />
            </div>
          )}
        </td>
      </tr>
    </>
  );
}
