import { createContext, Fragment } from 'preact';
import { useContext } from 'preact/hooks';
import { ageMs, formatDuration } from './format.ts';
import { clockTimes, resourceName, richText } from './rich-text.ts';

/** The app's clock when it answered: ages on the page are relative to it, whatever the browser's clock shows. */
export const AnswerTime = createContext(new Date(0));

/** Where the reader is, such as `Europe/Berlin`. */
export const TimeZone = createContext('UTC');

interface TimeProps {
  readonly at: string;
}

/** `12 min ago`, with the exact time as a tooltip. */
export function TimeAgo({ at }: TimeProps) {
  const ms = ageMs(at, useContext(AnswerTime));
  return (
    <time dateTime={at} title={at}>
      {ms === undefined ? at : `${formatDuration(ms)} ago`}
    </time>
  );
}

/** `14:03 UTC, 12 min`: the start and how long it has lasted. */
export function Since({ at }: TimeProps) {
  const now = useContext(AnswerTime);
  const ms = ageMs(at, now);
  return (
    <time class="since" dateTime={at} title={at}>
      {clockTimes(at, now, useContext(TimeZone))}
      {ms === undefined ? null : <span class="muted">, {formatDuration(ms)}</span>}
    </time>
  );
}

/**
 * A name from outside, apart from the text around it: writing from right to left in it turns nothing else around.
 * https://www.w3.org/International/articles/inline-bidi-markup/
 */
export const Name = ({ children }: { readonly children: string }) => <bdi>{children}</bdi>;

/** The short form of an ARM id, with the whole id as a tooltip. */
export function ResourceLabel({ id }: { readonly id: string }) {
  const { name, parent } = resourceName(id);
  return (
    <span title={id}>
      <Name>{name}</Name>
      {parent === '' ? null : (
        <span class="muted">
          {' '}
          in <Name>{parent}</Name>
        </span>
      )}
    </span>
  );
}

/** A sentence from the app, with short forms of ids and times. */
export function RichText({ text }: { readonly text: string }) {
  const segments = richText(text, useContext(AnswerTime), useContext(TimeZone));
  return (
    <bdi dir="ltr">
      {segments.map((segment, index) => {
        const key = `${index} ${segment.kind}`;
        if (segment.kind === 'text') return <Fragment key={key}>{segment.text}</Fragment>;
        return segment.kind === 'id' ? (
          <ResourceLabel key={key} id={segment.full} />
        ) : (
          <time key={key} dateTime={segment.full} title={segment.full}>
            {segment.text}
          </time>
        );
      })}
    </bdi>
  );
}
