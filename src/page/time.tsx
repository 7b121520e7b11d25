import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ageMs, clockTime, spanOf } from './spans.ts';

/** The app's clock when it answered: ages on the page are of that moment, whatever the browser's clock shows. */
export const Now = createContext(new Date(0));

interface AtProps {
  readonly at: string;
}

/** `12 min ago`, and the time itself for whoever points at it. */
export function Ago({ at }: AtProps) {
  const now = useContext(Now);
  const ms = ageMs(at, now);
  return (
    <time dateTime={at} title={at}>
      {ms === undefined ? at : `${spanOf(ms)} ago`}
    </time>
  );
}

/** `14:03 UTC, 12 min`: when it began, and how long it has lasted. */
export function Since({ at }: AtProps) {
  const now = useContext(Now);
  const ms = ageMs(at, now);
  return (
    <time class="since" dateTime={at} title={at}>
      {clockTime(at, now)}
      {ms === undefined ? null : <span class="quiet">, {spanOf(ms)}</span>}
    </time>
  );
}
