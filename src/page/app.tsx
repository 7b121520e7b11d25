import { useEffect, useMemo, useState } from 'preact/hooks';
import type { StatusDocument } from '../status/schema.ts';
import { DnsSection } from './dns-section.tsx';
import { formatDuration } from './format.ts';
import { Logo } from './icons.tsx';
import { ImagesSection } from './images-section.tsx';
import { AnswerTime } from './inline-text.tsx';
import type { View } from './poller.ts';
import { ReplicasSection } from './replicas-section.tsx';
import { SetupSection } from './setup-section.tsx';
import { SignalsSection } from './signals-section.tsx';
import { type CurrentVerdict, currentVerdict } from './verdict.ts';
import { VerdictSection } from './verdict-section.tsx';

interface AppProps {
  readonly view: View;
  readonly act: (what: 'refresh' | 'pause' | 'resume') => void;
}

export function App({ view, act }: AppProps) {
  const nowMs = useNowMs();
  const { status } = view;
  const shown = currentVerdict(view, nowMs);
  useTabTitle(shown);
  const answeredAt = useMemo(() => new Date(status?.now ?? 0), [status]);
  // The clock turns every second, and what was answered does not: it is drawn anew with a new answer only.
  const sections = useMemo(() => (status === undefined ? null : <Sections status={status} />), [status]);
  return (
    <AnswerTime.Provider value={answeredAt}>
      <header>
        <div class="bar">
          <Logo kind={shown.kind} />
          <h1>evenkeel</h1>
          <Freshness view={view} nowMs={nowMs} act={act} />
        </div>
      </header>
      <main>
        <p class="for-readers" role="status">
          {shown.headline}
        </p>
        <VerdictSection shown={shown} nowMs={nowMs} />
        {sections}
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

/** A tab among many tells how things stand too. */
function useTabTitle({ kind, headline }: CurrentVerdict): void {
  const sign = { even: '✓', uneven: '✗', unseen: '?', empty: '·' }[kind];
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
  // What has just come is newer than the last tick.
  return Math.max(nowMs, performance.now());
}

interface FreshnessProps {
  readonly view: View;
  /** By the page's clock. */
  readonly nowMs: number;
  readonly act: (what: 'refresh' | 'pause' | 'resume') => void;
}

/** How old the data is, to the second, and the buttons that change it. */
export function Freshness({ view, nowMs, act }: FreshnessProps) {
  const { isPaused, isFetching } = view;
  return (
    <div class="freshness">
      <p class="age" data-fetching={isFetching}>
        {ageLabel(view, nowMs)}
      </p>
      <button type="button" onClick={() => act('refresh')}>
        Refresh
      </button>
      <button type="button" aria-pressed={isPaused} onClick={() => act(isPaused ? 'resume' : 'pause')}>
        Pause
      </button>
    </div>
  );
}

function ageLabel({ receivedAtMs, isPaused }: View, nowMs: number): string {
  if (receivedAtMs === undefined) return isPaused ? 'Paused' : 'Not updated yet';
  const ms = Math.max(0, nowMs - receivedAtMs);
  return `${isPaused ? 'Paused, updated' : 'Updated'} ${ms < 1000 ? 'now' : `${formatDuration(ms)} ago`}`;
}
