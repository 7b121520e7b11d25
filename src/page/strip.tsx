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
const room = 22;
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
  cells.forEach(({ tone = 'none', solid, hollow, isGap, above, below }, index) => {
    const x = index * cellWidth;
    const bar = (share: number) => `M${x + 1} ${base}v${(-share * room).toFixed(1)}h8V${base}z`;
    if (hollow) add(tone, 'hollow', bar(hollow));
    if (solid) add(tone, 'solid', bar(solid));
    if (isGap) add('unknown', 'solid', `M${x + 3} ${base - 4}h4v3h-4zm0-7h4v3h-4z`);
    if (above) add('warning', 'solid', `M${x} 0h10v4h-10z`);
    if (below) add('progress', 'solid', `M${x + 2} ${base + 3}h6l-3 5z`);
  });
  return [...shapes.values()];
}

interface DrawingProps {
  readonly cells: readonly Cell[];
  /** The cell that the reader points at. */
  readonly at?: number | undefined;
}

export function Drawing({ cells, at }: DrawingProps) {
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
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    Home: -last,
    End: last,
  };
  const choose = (index: number) => setAt(Math.max(0, Math.min(last, index)));
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
            choose((chosen ?? last) + step);
          }}
          onFocus={() => setAt(chosen ?? last)}
          onBlur={() => setAt(undefined)}
          onPointerMove={({ currentTarget, clientX }) => {
            const { left, width } = currentTarget.getBoundingClientRect();
            choose(Math.floor(((clientX - left) / width) * cells.length));
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
