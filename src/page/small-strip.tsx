import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { History, Replica } from '../status/schema.ts';
import { type Line, replicaLine, spokeLine } from './last-day.ts';
import { Drawing } from './strip.tsx';

/** The last 24 hours, for what stands beside spokes and replicas. */
export const HistoryOf = createContext<History | null>(null);

const SmallStrip = ({ line: { summary, cells } }: { readonly line: Line }) => (
  <span class="small-strip" role="img" aria-label={summary} title={summary}>
    <Drawing cells={cells} />
  </span>
);

export function SpokeStrip({ spoke }: { readonly spoke: string }) {
  const found = useContext(HistoryOf)?.spokes.find(({ key }) => key === spoke);
  return found === undefined ? null : <SmallStrip line={spokeLine(found)} />;
}

/** A property of a replica, inside a `dl`. */
export function ReplicaStrip({ replica: { id, name } }: { readonly replica: Pick<Replica, 'id' | 'name'> }) {
  const registry = useContext(HistoryOf)?.registries?.find(
    (one) => `${one.id}/replications/${name}`.toLowerCase() === id.toLowerCase(),
  );
  const found = registry?.replicas.find((one) => one.name === name);
  if (registry === undefined || found === undefined) return null;
  const line = replicaLine(registry.registry, found);
  return (
    <>
      <dt>Last 24 hours</dt>
      <dd>
        <SmallStrip line={line} />
        {line.summary}
      </dd>
    </>
  );
}
