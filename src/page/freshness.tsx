import type { View } from './poller.ts';
import { spanOf } from './spans.ts';

interface FreshnessProps {
  readonly view: View;
  /** By the page's clock. */
  readonly nowMs: number;
  readonly act: (what: 'refresh' | 'pause' | 'resume') => void;
}

/** How old the data is, to the second, and the buttons that change it. */
export function Freshness({ view, nowMs, act }: FreshnessProps) {
  const { isPaused, isAsking } = view;
  return (
    <div class="freshness">
      <p class="age" data-asking={isAsking}>
        {ageWords(view, nowMs)}
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

function ageWords({ receivedAtMs, isPaused }: View, nowMs: number): string {
  if (receivedAtMs === undefined) return isPaused ? 'Paused' : 'Not updated yet';
  const ms = Math.max(0, nowMs - receivedAtMs);
  return `${isPaused ? 'Paused, updated' : 'Updated'} ${ms < 1000 ? 'now' : `${spanOf(ms)} ago`}`;
}
