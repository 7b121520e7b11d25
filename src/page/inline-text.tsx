import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ageMs, formatClockTime, formatDuration } from './format.ts';
import { resourceName, richText } from './rich-text.ts';

interface NamedProps {
  readonly id: string;
}

/** A long id of Azure: its name, where it is, and all of it for whoever points at it. */
export function ResourceLabel({ id }: NamedProps) {
  const { name, place } = resourceName(id);
  return (
    <span class="named" title={id}>
      {name}
      {place === '' ? null : <span class="quiet"> in {place}</span>}
    </span>
  );
}

/** A sentence of the app, with short names for long ids and times of day for times. */
export function RichText({ text }: { readonly text: string }) {
  const now = useContext(AnswerTime);
  return (
    <>
      {richText(text, now).map((piece, index) => {
        const key = `${index} ${piece.kind}`;
        if (piece.kind === 'text') return piece.text;
        return piece.kind === 'id' ? (
          <ResourceLabel key={key} id={piece.whole} />
        ) : (
          <time key={key} dateTime={piece.whole} title={piece.whole}>
            {piece.text}
          </time>
        );
      })}
    </>
  );
}

/** The app's clock when it answered: ages on the page are of that moment, whatever the browser's clock shows. */
export const AnswerTime = createContext(new Date(0));

interface AtProps {
  readonly at: string;
}

/** `12 min ago`, and the time itself for whoever points at it. */
export function TimeAgo({ at }: AtProps) {
  const now = useContext(AnswerTime);
  const ms = ageMs(at, now);
  return (
    <time dateTime={at} title={at}>
      {ms === undefined ? at : `${formatDuration(ms)} ago`}
    </time>
  );
}

/** `14:03 UTC, 12 min`: when it began, and how long it has lasted. */
export function Since({ at }: AtProps) {
  const now = useContext(AnswerTime);
  const ms = ageMs(at, now);
  return (
    <time class="since" dateTime={at} title={at}>
      {formatClockTime(at, now)}
      {ms === undefined ? null : <span class="quiet">, {formatDuration(ms)}</span>}
    </time>
  );
}
