import { useEffect, useMemo, useState } from 'preact/hooks';
import type { StatusDocument } from '../status/schema.ts';
import { DnsSection } from './dns-section.tsx';
import { formatDuration } from './format.ts';
import { Logo } from './icons.tsx';
import { ImagesSection } from './images-section.tsx';
import { AnswerTime } from './inline-text.tsx';
import type { View } from './poller.ts';
import { ReplicasSection } from './replicas-section.tsx';
import { IsStale } from './section.tsx';
import { SetupSection } from './setup-section.tsx';
import { SignalsSection } from './signals-section.tsx';
import { type CurrentVerdict, currentVerdict } from './verdict.ts';
import { VerdictSection } from './verdict-section.tsx';

export type PollerAction = 'refresh' | 'pause' | 'resume';

interface AppProps {
  readonly view: View;
  readonly onAction: (action: PollerAction) => void;
  /** Takes another function key, and asks with it. */
  readonly onKey: (key: string) => void;
}

export function App({ view, onAction, onKey }: AppProps) {
  const nowMs = useNowMs();
  const { status } = view;
  const verdict = currentVerdict(view, nowMs);
  useTabTitle(verdict);
  const answeredAt = useMemo(() => new Date(status?.now ?? 0), [status]);
  // The clock ticks every second, but the sections change with a new answer only.
  const sections = useMemo(() => (status === undefined ? null : <Sections status={status} />), [status]);
  return (
    <AnswerTime.Provider value={answeredAt}>
      <header>
        <div class="bar">
          <Logo verdict={verdict.kind} />
          <h1>evenkeel</h1>
          <RefreshControls view={view} nowMs={nowMs} onAction={onAction} />
        </div>
      </header>
      <main class={verdict.previous === undefined ? undefined : 'is-stale'}>
        <p class="visually-hidden" role="status">
          {verdict.headline}
        </p>
        <VerdictSection verdict={verdict} nowMs={nowMs} onKey={onKey} />
        <IsStale.Provider value={verdict.previous !== undefined}>{sections}</IsStale.Provider>
      </main>
      <footer>
        <p>{status === undefined ? 'evenkeel' : `evenkeel ${status.version}`}. Times are in UTC.</p>
      </footer>
    </AnswerTime.Provider>
  );
}

const Sections = ({ status }: { readonly status: StatusDocument }) => (
  <>
    <SetupSection status={status} />
    <DnsSection status={status} />
    <ImagesSection status={status} />
    <ReplicasSection status={status} />
    <SignalsSection status={status} />
  </>
);

interface RefreshControlsProps extends Omit<AppProps, 'onKey'> {
  /** The page's clock. */
  readonly nowMs: number;
}

/** The age of the data, to the second, and the buttons that refresh and pause. */
function RefreshControls({ view, nowMs, onAction }: RefreshControlsProps) {
  const { isPaused, isFetching } = view;
  return (
    <div class="freshness">
      <p class="age" data-fetching={isFetching}>
        {ageLabel(view, nowMs)}
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

function ageLabel({ receivedAtMs, isPaused, failure }: View, nowMs: number): string {
  if (receivedAtMs === undefined) return isPaused ? 'Paused' : 'Not loaded yet';
  const ms = Math.max(0, nowMs - receivedAtMs);
  const age = ms < 1000 ? 'now' : `${formatDuration(ms)} ago`;
  return `${isPaused ? 'Paused, updated' : 'Updated'} ${age}${failure === undefined ? '' : ', trying again'}`;
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
