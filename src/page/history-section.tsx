import { type ComponentProps, createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { History, Replica, StatusDocument } from '../status/schema.ts';
import { Disclosure, useShowMore } from './disclosure.tsx';
import { formatNumber, pluralize } from './format.ts';
import type { BadgeProps } from './icons.tsx';
import { AnswerTime, Name, TimeZone } from './inline-text.tsx';
import {
  type Cell,
  type LastDay,
  type Line,
  lastDayOf,
  replicaLine,
  spokeLine,
  startOf,
} from './last-day.ts';
import type { Part } from './part.ts';
import { clockTimes } from './rich-text.ts';
import { Section } from './section.tsx';
import { SmallStrip, Strip, StripKey } from './strip.tsx';
import { Row, Table } from './table.tsx';

const initialStrips = 8;

export const historyPart: Part = {
  id: 'history',
  link: '24 h',
  state: (status) => (status.history === null || !hasAny(status) ? undefined : stateOf(status)),
  View: HistorySection,
};

const hasAny = ({ dns, registries }: StatusDocument): boolean => dns.spokes.length + registries.length > 0;

function HistorySection({ status, shown }: ComponentProps<Part['View']>) {
  const { history } = status;
  const day = useMemo(() => (history === null ? noDay : lastDayOf(history, shown)), [history, shown]);
  if (history === null) return null;
  const { spokes, replicas, copies } = day;
  const all = [...spokes, ...replicas, ...copies];
  return (
    <Section
      id="history"
      title="Last 24 hours"
      state={stateOf(status)}
      summary={summaryOf(history)}
      rows={all.length}
    >
      <Strips title="Drift and repairs" noun="spokes" lines={spokes} history={history} legend={spokeLegend} />
      <Strips title="Reviews" noun="replicas" lines={replicas} history={history} legend={replicaLegend} />
      <Strips title="Copies" noun="regions" lines={copies} history={history} legend={copiesLegend} />
      <Disclosure summary="As a table">{() => <NotableTable lines={all} history={history} />}</Disclosure>
    </Section>
  );
}

const noDay: LastDay = { spokes: [], replicas: [], copies: [] };

function stateOf(status: StatusDocument): BadgeProps {
  const { history } = status;
  if (history === null) return { tone: 'unknown', label: 'cannot be read now' };
  const isUnread =
    history.registries === null ||
    history.copies === null ||
    history.spokes.some(({ audits, repairs }) => audits === null || repairs === null);
  if (isUnread) return { tone: 'unknown', label: 'cannot all be read now' };
  const { spokes, replicas } = lastDayOf(history, status);
  const wrong = (lines: readonly Line[]) => lines.filter(({ state }) => state === 'wrong').length;
  const parts = [
    ...(wrong(spokes) > 0 ? [`${pluralize(wrong(spokes), 'spoke')} drifted`] : []),
    ...(wrong(replicas) > 0 ? [`${pluralize(wrong(replicas), 'replica')} had bad reviews`] : []),
  ];
  if (parts.length > 0) return { tone: 'progress', label: parts.join(', ') };
  return [...spokes, ...replicas].some(({ state }) => state === 'gap')
    ? { tone: 'unknown', label: 'with gaps' }
    : { tone: 'ok', label: 'quiet' };
}

function summaryOf({ spokes, copies }: History): string {
  const repairs = spokes
    .flatMap((spoke) => spoke.repairs ?? [])
    .reduce((sum, [, event = 0, audit = 0]) => sum + event + audit, 0);
  const copied = copies?.flatMap((one) => one.copies).reduce((sum, [, number = 0]) => sum + number, 0);
  return `${pluralize(repairs, 'repair')}, ${copied === undefined ? 'copies cannot be read' : pluralize(copied, 'copy', 'copies')}`;
}

interface StripsProps {
  readonly title: string;
  readonly noun: string;
  readonly lines: readonly Line[];
  readonly history: History;
  readonly legend: readonly (readonly [string, Cell])[];
}

function Strips({ title, noun, lines, history, legend }: StripsProps) {
  const { shown, toggle } = useShowMore(lines, initialStrips, noun);
  const now = useContext(AnswerTime);
  if (lines.length === 0) return null;
  const quarters = [0, 1, 2, 3].map((quarter) => startOf(history, (history.cells / 4) * quarter));
  return (
    <div class="strips">
      <h3>{title}</h3>
      <ul class="legend">
        {legend.map(([text, cell]) => (
          <StripKey key={text} cell={cell}>
            {text}
          </StripKey>
        ))}
      </ul>
      <ul>
        {shown.map((line) => (
          <Strip key={line.key} line={line} history={history} />
        ))}
        <li class="strip axis" aria-hidden="true">
          <span class="strip-name" />
          <span class="axis-times">
            {quarters.map((at) => (
              <span key={at}>{at.slice(11, 16)}</span>
            ))}
            <span>{now.toISOString().slice(11, 16)} UTC</span>
          </span>
          <span class="strip-says" />
        </li>
      </ul>
      {toggle}
    </div>
  );
}

const drawn = (cell: Partial<Cell>): Cell => ({
  text: '',
  isNotable: false,
  tone: 'ok',
  solid: 0,
  hollow: 0,
  ...cell,
});
const notLookedAt = drawn({ isGap: true });
const spokeLegend = [
  ['no drift', drawn({ solid: 0.2 })],
  ['drift found, the higher the more', drawn({ tone: 'error', solid: 0.8 })],
  ['audit incomplete', drawn({ tone: 'unknown', hollow: 0.5 })],
  ['repaired', drawn({ below: true })],
  ['no audit', notLookedAt],
] as const;
const replicaLegend = [
  ['good', drawn({ solid: 0.2 })],
  ['bad', drawn({ tone: 'error', solid: 1 })],
  ['could not tell', drawn({ tone: 'unknown', hollow: 0.5 })],
  ['flagged', drawn({ above: true })],
  ['out of global routing', drawn({ below: true })],
  ['no review', notLookedAt],
] as const;
const copiesLegend = [
  ['half within', drawn({ tone: 'progress', solid: 0.4 })],
  ['95 % within', drawn({ tone: 'progress', hollow: 0.9 })],
] as const;

const columns = ['Half hour from', 'Of', 'What'];
const maxRows = 500;

/** The half hours with something to tell, the newest first. */
function NotableTable({ lines, history }: { readonly lines: readonly Line[]; readonly history: History }) {
  const now = useContext(AnswerTime);
  const timeZone = useContext(TimeZone);
  const notable = lines
    .flatMap((line) =>
      line.cells.flatMap((cell, index) => (cell.isNotable ? [{ line, text: cell.text, index }] : [])),
    )
    .toSorted((a, b) => b.index - a.index);
  const { shown, toggle } = useShowMore(notable.slice(0, maxRows), 20, 'rows');
  if (notable.length === 0) return <p>There is nothing to tell of any half hour.</p>;
  return (
    <>
      <Table
        caption={`Half hours with something to tell${notable.length > maxRows ? `, the newest ${maxRows} of ${formatNumber(notable.length)}` : ''}`}
        columns={columns}
      >
        {shown.map(({ line, text, index }) => (
          <Row
            key={`${line.key} ${line.owner} ${index}`}
            columns={columns}
            cells={[
              clockTimes(startOf(history, index), now, timeZone),
              <Name key="name">{line.owner === undefined ? line.name : `${line.owner} ${line.name}`}</Name>,
              text,
            ]}
          />
        ))}
      </Table>
      {toggle}
    </>
  );
}

/** The history for what stands beside spokes and replicas. */
export const HistoryOf = createContext<History | null>(null);

export function SpokeStrip({ spoke }: { readonly spoke: string }) {
  const found = useContext(HistoryOf)?.spokes.find(({ key }) => key === spoke);
  return found === undefined || found.audits === null ? null : <SmallStrip line={spokeLine(found)} />;
}

export function ReplicaStrip({ replica: { id, name } }: { readonly replica: Pick<Replica, 'id' | 'name'> }) {
  const lower = id.toLowerCase();
  const registry = useContext(HistoryOf)?.registries?.find(
    (one) => one.id !== '' && lower.startsWith(`${one.id.toLowerCase()}/`),
  );
  const found = registry?.replicas.find((one) => one.name === name);
  if (registry === undefined || found === undefined) return null;
  const line = replicaLine(registry.registry, found);
  return (
    <>
      <dt>Last 24 hours</dt>
      <dd>
        <SmallStrip line={line} /> {line.summary}
      </dd>
    </>
  );
}
