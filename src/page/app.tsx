import { useEffect, useMemo, useState } from 'preact/hooks';
import type { StatusDocument } from '../status/schema.ts';
import { dnsPart } from './dns-section.tsx';
import { type Filter, filtered, isFiltering, noFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { formatDuration } from './format.ts';
import { historyPart } from './history-section.tsx';
import { Logo } from './icons.tsx';
import { imagesPart } from './images-section.tsx';
import { AnswerTime, TimeZone } from './inline-text.tsx';
import { type LookUp, LookUpPanel } from './look-up.tsx';
import { Navigation } from './navigation.tsx';
import type { Part } from './part.ts';
import type { View } from './poller.ts';
import { replicasPart } from './replicas-section.tsx';
import { IsFiltered, IsStale, rankOf } from './section.tsx';
import { SetupSection } from './setup-section.tsx';
import { signalsPart } from './signals-section.tsx';
import { HistoryOf } from './small-strip.tsx';
import { type CurrentVerdict, currentVerdict } from './verdict.ts';
import { VerdictSection } from './verdict-section.tsx';

export type PollerAction = 'refresh' | 'pause' | 'resume';

interface AppProps {
  readonly view: View;
  readonly onAction: (action: PollerAction) => void;
  /** Takes another function key, and asks with it. */
  readonly onKey: (key: string) => void;
  readonly lookUp: LookUp;
  /** The app that serves the page, and where the reader is. */
  readonly place: { readonly app: string; readonly timeZone: string };
}

const parts: readonly Part[] = [dnsPart, imagesPart, replicasPart, historyPart, signalsPart];

export function App({ view, onAction, onKey, lookUp, place }: AppProps) {
  const nowMs = useNowMs();
  const { status } = view;
  const verdict = currentVerdict(view, nowMs);
  useTabTitle(verdict);
  const answeredAt = useMemo(() => new Date(status?.now ?? 0), [status]);
  const shownParts = useMemo(() => (status === undefined ? [] : partsOf(status)), [status]);
  const isStale = verdict.previous !== undefined;
  // The clock ticks every second, but the sections change with a new answer only.
  const sections = useMemo(
    () => (status === undefined ? null : <Sections status={status} parts={shownParts} />),
    [status, shownParts],
  );
  return (
    <AnswerTime.Provider value={answeredAt}>
      <TimeZone.Provider value={place.timeZone}>
        <IsStale.Provider value={isStale}>
          <header>
            <div class="bar">
              <Logo verdict={verdict.kind} />
              <h1>evenkeel</h1>
              <RefreshControls
                view={view}
                nowMs={nowMs}
                isRetrying={view.failure !== undefined && verdict.failure === undefined}
                onAction={onAction}
              />
            </div>
            <Navigation parts={shownParts} />
          </header>
          <main class={isStale ? 'is-stale' : undefined}>
            <p class="visually-hidden" role="status">
              {verdict.headline}
            </p>
            <div class="lead">
              <VerdictSection
                verdict={verdict}
                facts={status === undefined ? undefined : { status, app: place.app }}
                nowMs={nowMs}
                onKey={onKey}
              />
              {status === undefined || status.registries.length === 0 ? null : (
                <LookUpPanel lookUp={lookUp} />
              )}
            </div>
            {sections}
          </main>
          <footer>
            <p>
              {status === undefined ? 'evenkeel' : `evenkeel ${status.version}`}. Times are in UTC
              {place.timeZone === 'UTC' ? '' : `; your own are in ${place.timeZone}`}.
            </p>
          </footer>
        </IsStale.Provider>
      </TimeZone.Provider>
    </AnswerTime.Provider>
  );
}

/** Those that have something to show; what is wrong comes first. */
const partsOf = (status: StatusDocument) =>
  parts
    .flatMap(({ state: stateOf, ...part }) => {
      const state = stateOf(status);
      return state === undefined ? [] : [{ ...part, state }];
    })
    .toSorted((a, b) => rankOf(a.state) - rankOf(b.state));

interface SectionsProps {
  readonly status: StatusDocument;
  readonly parts: ReturnType<typeof partsOf>;
}

function Sections({ status, parts: shownParts }: SectionsProps) {
  const [filter, setFilter] = useState<Filter>(noFilter);
  const isFiltered = isFiltering(filter);
  const shown = isFiltered ? filtered(status, filter) : status;
  return (
    <div class="sections">
      <SetupSection status={status} />
      {shownParts.length === 0 ? null : <FilterBar filter={filter} onChange={setFilter} />}
      <IsFiltered.Provider value={isFiltered}>
        <HistoryOf.Provider value={status.history}>
          {shownParts.map(({ id, View }) => (
            <View key={id} status={status} shown={shown} />
          ))}
        </HistoryOf.Provider>
      </IsFiltered.Provider>
    </div>
  );
}

interface RefreshControlsProps extends Pick<AppProps, 'view' | 'onAction'> {
  /** The page's clock. */
  readonly nowMs: number;
  /** Whether the last request failed, and nothing else on the page says so. */
  readonly isRetrying: boolean;
}

/** The age of the data, to the second, and the buttons that refresh and pause. */
function RefreshControls({ view, nowMs, isRetrying, onAction }: RefreshControlsProps) {
  const { isPaused, receivedAtMs } = view;
  const ms = receivedAtMs === undefined ? undefined : Math.max(0, nowMs - receivedAtMs);
  return (
    <div class="freshness">
      <p class="age">
        {isPaused ? (ms === undefined ? 'Paused' : 'Paused, ') : null}
        {ms === undefined ? null : (
          <>
            {/* On a phone the age alone has to do. */}
            <span class="wide-only">{isPaused ? 'updated ' : 'Updated '}</span>
            {ms < 1000 ? 'now' : `${formatDuration(ms)} ago`}
            {isRetrying ? ', trying again' : ''}
          </>
        )}
      </p>
      <button type="button" onClick={() => onAction('refresh')}>
        Refresh
      </button>
      <button type="button" aria-pressed={isPaused} onClick={() => onAction(isPaused ? 'resume' : 'pause')}>
        Pause
      </button>
    </div>
  );
}

/** Shows the verdict in the browser tab, too. */
function useTabTitle({ kind, headline }: CurrentVerdict): void {
  const sign = { good: '✓', problems: '✗', unknown: '?', empty: '·' }[kind];
  const title = `${sign} ${headline} – evenkeel`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** The page's clock, second by second. */
function useNowMs(): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // An answer that has just arrived is newer than the last tick.
  return Math.max(nowMs, performance.now());
}
