import type { CopyTimes, StatusDocument } from '../status/schema.ts';
import { shownName } from '../status/shown-name.ts';
import { useShowMore } from './disclosure.tsx';
import { formatDuration, formatNumber } from './format.ts';
import { Name } from './inline-text.tsx';
import { Row, Table } from './table.tsx';
import { TimeBar } from './time-bar.tsx';

const initialRows = 8;
const columns = ['Region', '#Copies', '#Half within', '95 % within', '#In time'];

interface CopyTimesProps {
  readonly copyTimes: readonly CopyTimes[];
  readonly registries: StatusDocument['registries'];
}

/** How long copies to each region took lately, the slowest against the objective first. */
export function CopyTimesTable({ copyTimes, registries }: CopyTimesProps) {
  const sorted = copyTimes.toSorted((a, b) => shareOf(b) - shareOf(a));
  const { shown, toggle } = useShowMore(sorted, initialRows, 'regions');
  return (
    <>
      <Table caption="How long the last copies took, by region, against the objective" columns={columns}>
        {shown.map((times) => (
          <Row
            key={`${times.loginServer ?? times.registry} ${times.region}`}
            columns={columns}
            cells={cellsOf({ ...times, registry: shownName(times, registries) })}
          />
        ))}
      </Table>
      {toggle}
    </>
  );
}

const shareOf = ({ p95Ms, objectiveMs }: CopyTimes): number => (objectiveMs === 0 ? 0 : p95Ms / objectiveMs);

function cellsOf(times: CopyTimes) {
  const { registry, region, samples, p50Ms, p95Ms, objectiveMs, withinObjective } = times;
  return [
    <span key="region">
      <span class="muted">
        <Name>{registry}</Name>{' '}
      </span>
      <Name>{region}</Name>
    </span>,
    formatNumber(samples),
    formatDuration(p50Ms),
    <div key="p95">
      {formatDuration(p95Ms)}
      {objectiveMs === 0 ? null : (
        <>
          <span class="muted"> of {formatDuration(objectiveMs)}</span>
          <TimeBar share={shareOf(times)} />
        </>
      )}
    </div>,
    withinObjective === null ? null : percentage(withinObjective),
  ];
}

/** Rounded down, so that 100 % means all. */
const percentage = (share: number): string => `${Math.floor(share * 100)} %`;
