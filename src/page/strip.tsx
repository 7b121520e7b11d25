import { useContext, useMemo, useState } from 'preact/hooks';
import type { History } from '../status/schema.ts';
import { AnswerTime, Name, TimeZone } from './inline-text.tsx';
import { type Cell, type Line, startOf } from './last-day.ts';
import { clockTimes } from './rich-text.ts';
import type { Tone } from './tone.ts';

/**
 * Bars over a base line, with a mark above and one below. What a bar means is told by its height and by whether it is
 * filled; colour repeats it.
 */
const cellWidth = 10;
const top = 8;
const base = 30;
const height = 38;

interface Shape {
  readonly tone: Tone;
  readonly kind: 'solid' | 'hollow';
  readonly path: string;
}

/** One path for each colour and kind, so that a strip is a few elements however many cells it has. */
function shapesOf(cells: readonly Cell[]): Shape[] {
  const shapes = new Map<string, Shape>();
  const add = (tone: Tone, kind: Shape['kind'], path: string) => {
    const key = `${tone} ${kind}`;
    shapes.set(key, { tone, kind, path: (shapes.get(key)?.path ?? '') + path });
  };
  cells.forEach(({ tone, solid, hollow, isGap, above, below }, index) => {
    const x = index * cellWidth;
    const bar = (share: number) =>
      `M${x + 1} ${base}v${-round(share * (base - top))}h8v${round(share * (base - top))}z`;
    if (hollow > 0) add(tone, 'hollow', bar(hollow));
    if (solid > 0) add(tone, 'solid', bar(solid));
    if (isGap) add('unknown', 'solid', `M${x + 4} ${base - 2}h2v2h-2z`);
    if (above) add('warning', 'solid', `M${x} 0h10v4h-10z`);
    if (below) add('progress', 'solid', `M${x + 2} ${base + 3}h6l-3 5z`);
  });
  return [...shapes.values()];
}

const round = (number: number): number => Math.round(number * 10) / 10;

interface DrawingProps {
  readonly cells: readonly Cell[];
  /** The cell that the reader points at. */
  readonly at?: number | undefined;
}

function Drawing({ cells, at }: DrawingProps) {
  const shapes = useMemo(() => shapesOf(cells), [cells]);
  const width = Math.max(1, cells.length) * cellWidth;
  return (
    <svg
      class="strip-drawing"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {at === undefined ? null : <rect class="at" x={at * cellWidth} width={cellWidth} height={height} />}
      <path class="base" d={`M0 ${base + 0.5}h${width}`} />
      {shapes.map(({ tone, kind, path }) => (
        <path key={`${tone} ${kind}`} class={`${kind} is-${tone}`} d={path} />
      ))}
    </svg>
  );
}

/** The strip of one thing, small, where more is said beside it. */
export const SmallStrip = ({ line }: { readonly line: Line }) => (
  <span class="small-strip" role="img" aria-label={`Last 24 hours: ${line.summary}`} title={line.summary}>
    <Drawing cells={line.cells} />
  </span>
);

/** One cell alone, for a legend. */
export const StripKey = ({ cell, children }: { readonly cell: Cell; readonly children: string }) => (
  <li>
    <Drawing cells={[cell]} />
    {children}
  </li>
);

interface StripProps {
  readonly line: Line;
  readonly history: History;
}

/**
 * A strip with its name and what it says in words. The pointer, or the arrow keys, choose a half hour, and its time and
 * numbers take the place of the words.
 */
export function Strip({ line, history }: StripProps) {
  const { name, owner, summary, cells } = line;
  const [at, setAt] = useState<number>();
  const now = useContext(AnswerTime);
  const timeZone = useContext(TimeZone);
  const last = cells.length - 1;
  const chosen = at === undefined ? undefined : Math.min(at, last);
  const says = (index: number) =>
    `${clockTimes(startOf(history, index), now, timeZone)}: ${cells[index]?.text ?? ''}`;
  const steps: Readonly<Record<string, (index: number) => number>> = {
    ArrowLeft: (index) => index - 1,
    ArrowDown: (index) => index - 1,
    ArrowRight: (index) => index + 1,
    ArrowUp: (index) => index + 1,
    PageDown: (index) => index - 8,
    PageUp: (index) => index + 8,
    Home: () => 0,
    End: () => last,
  };
  return (
    <li class="strip">
      <span class="strip-name">
        {owner === undefined ? null : (
          <span class="muted">
            <Name>{owner}</Name>{' '}
          </span>
        )}
        <Name>{name}</Name>
      </span>
      {cells.length === 0 ? null : (
        <span
          class="strip-slider"
          role="slider"
          tabIndex={0}
          aria-readonly="true"
          aria-label={`${owner === undefined ? '' : `${owner} `}${name}, last 24 hours: ${summary}`}
          aria-valuemin={0}
          aria-valuemax={last}
          aria-valuenow={chosen ?? last}
          aria-valuetext={says(chosen ?? last)}
          onKeyDown={(event) => {
            const step = steps[event.key];
            if (step === undefined) return;
            event.preventDefault();
            setAt(Math.max(0, Math.min(last, step(chosen ?? last))));
          }}
          onFocus={() => setAt(chosen ?? last)}
          onBlur={() => setAt(undefined)}
          onPointerMove={({ currentTarget, clientX }) => {
            const { left, width } = currentTarget.getBoundingClientRect();
            setAt(Math.max(0, Math.min(last, Math.floor(((clientX - left) / width) * cells.length))));
          }}
          onPointerLeave={() => setAt(undefined)}
        >
          <Drawing cells={cells} at={chosen} />
        </span>
      )}
      <span class="strip-says">{chosen === undefined ? summary : says(chosen)}</span>
    </li>
  );
}
