import type { ComponentProps } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { History, StatusDocument } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { pluralize } from './format.ts';
import type { BadgeProps } from './icons.tsx';
import { AnswerTime } from './inline-text.tsx';
import { bars, type Cell, copiesText, type Line, lastDayOf, startOf } from './last-day.ts';
import type { Part } from './part.ts';
import { Section } from './section.tsx';
import { Drawing, Strip } from './strip.tsx';

const initialStrips = 8;

export const historyPart: Part = {
  id: 'history',
  link: '24 h',
  state: (status) =>
    status.history === null || status.dns.spokes.length + status.registries.length === 0
      ? undefined
      : stateOf(status.history, status),
  View: HistorySection,
};

function HistorySection({ status, shown }: ComponentProps<Part['View']>) {
  const { history } = status;
  const day = useMemo(() => history && lastDayOf(history, shown), [history, shown]);
  if (history === null || day === null) return null;
  const { spokes, replicas, copies } = day;
  return (
    <Section
      id="history"
      title="Last 24 hours"
      state={stateOf(history, status)}
      summary={summaryOf(history)}
      rows={spokes.length + replicas.length + copies.length}
    >
      <Strips title="Drift and repairs" noun="spokes" lines={spokes} history={history} legend={spokeLegend} />
      <Strips title="Reviews" noun="replicas" lines={replicas} history={history} legend={replicaLegend} />
      <Strips title="Copies" noun="regions" lines={copies} history={history} legend={copiesLegend} />
    </Section>
  );
}

function stateOf(history: History, status: StatusDocument): BadgeProps {
  const isUnread =
    history.registries === null ||
    history.copies === null ||
    history.spokes.some(({ audits, repairs }) => audits === null || repairs === null);
  if (isUnread) return { tone: 'unknown', label: 'cannot all be read now' };
  const { spokes, replicas } = lastDayOf(history, status);
  const wrong = (lines: readonly Line[], noun: string, what: string) => {
    const number = lines.filter(({ state }) => state === 'wrong').length;
    return number === 0 ? [] : [`${pluralize(number, noun)} ${what}`];
  };
  const parts = [...wrong(spokes, 'spoke', 'drifted'), ...wrong(replicas, 'replica', 'bad or flagged')];
  if (parts.length > 0) return { tone: 'progress', label: parts.join(', ') };
  return [...spokes, ...replicas].some(({ state }) => state === 'gap')
    ? { tone: 'unknown', label: 'with gaps' }
    : { tone: 'ok', label: 'quiet' };
}

function summaryOf({ spokes, copies }: History): string {
  const repairs = spokes
    .flatMap((spoke) => spoke.repairs ?? [])
    .reduce((sum, [, event = 0, audit = 0]) => sum + event + audit, 0);
  const copied = (copies ?? []).flatMap((one) => one.copies).reduce((sum, [, number = 0]) => sum + number, 0);
  return `${pluralize(repairs, 'repair')}, ${copiesText(copied)}`;
}

interface StripsProps {
  readonly title: string;
  readonly noun: string;
  readonly lines: readonly Line[];
  readonly history: History;
  readonly legend: readonly (readonly [string, Cell])[];
}

function Strips({ title, noun, lines, history, legend }: StripsProps) {
  const { shown, toggle } = useShowMore(lines, initialStrips, `strips of ${noun}`);
  const now = useContext(AnswerTime).toISOString();
  if (lines.length === 0) return null;
  const times = [0, 1, 2, 3].map((quarter) => startOf(history, (history.cells / 4) * quarter));
  return (
    <div class="strips">
      <h3>{title}</h3>
      <ul class="legend">
        {legend.map(([text, cell]) => (
          <li key={text}>
            <Drawing cells={[cell]} />
            {text}
          </li>
        ))}
      </ul>
      <ul>
        {shown.map((line) => (
          <Strip key={line.key} line={line} history={history} />
        ))}
        <li class="strip axis" aria-hidden="true">
          <span class="axis-times">
            {[...times, now].map((at) => (
              <span key={at}>{at.slice(11, 16)}</span>
            ))}
          </span>
          UTC
        </li>
      </ul>
      {toggle}
    </div>
  );
}

const spokeLegend = [
  ['no drift', bars.good],
  ['drift found, the higher the more', { tone: 'error', solid: 0.8 }],
  ['audit incomplete', bars.unclear],
  ['repaired', { below: true }],
  ['no audit', bars.gap],
] as const;
const replicaLegend = [
  ['good', bars.good],
  ['bad', bars.bad],
  ['could not tell', bars.unclear],
  ['flagged', { above: true }],
  ['out of global routing', { below: true }],
  ['no review', bars.gap],
] as const;
const copiesLegend = [
  ['half within', { tone: 'progress', solid: 0.5 }],
  ['95 % within', { tone: 'progress', hollow: 0.9 }],
] as const;
