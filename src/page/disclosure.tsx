import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface MoreProps {
  readonly summary: ComponentChildren;
  /** Only how it begins; afterwards it is as the reader left it. */
  readonly startsOpen?: boolean;
  /** Called when it is opened first: what nobody looks at is not drawn. */
  readonly children: () => ComponentChildren;
}

/** Details on demand. */
export function Disclosure({ summary, startsOpen = false, children }: MoreProps) {
  const [initially] = useState(startsOpen);
  const [wasOpened, setWasOpened] = useState(startsOpen);
  return (
    <details
      class="more"
      open={initially}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) setWasOpened(true);
      }}
    >
      <summary>{summary}</summary>
      {wasOpened ? <div class="more-content">{children()}</div> : null}
    </details>
  );
}

/** The first of many, and what shows all of them. @param noun of several, such as `spokes`. */
export function useShowMore<T>(items: readonly T[], short: number, noun: string) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, short);
  const toggle =
    items.length <= short ? null : (
      <p class="whole">
        <button type="button" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole
            ? `Show the first ${short} ${noun} only`
            : `Show all ${items.length.toLocaleString('en')} ${noun}`}
        </button>
      </p>
    );
  return { shown, toggle };
}
