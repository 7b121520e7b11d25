import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatNumber } from './format.ts';

interface DisclosureProps {
  readonly summary: ComponentChildren;
  /** Applies at first only; afterwards it is as the reader left it. */
  readonly startsOpen?: boolean;
  /** Called once it is opened: what nobody looks at is not rendered. */
  readonly children: () => ComponentChildren;
}

/** Details on demand. */
export function Disclosure({ summary, startsOpen = false, children }: DisclosureProps) {
  const [isOpenAtFirst] = useState(startsOpen);
  const [wasOpened, setWasOpened] = useState(startsOpen);
  return (
    <details
      class="disclosure"
      open={isOpenAtFirst}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) setWasOpened(true);
      }}
    >
      <summary>{summary}</summary>
      {wasOpened ? <div class="disclosure-content">{children()}</div> : null}
    </details>
  );
}

/** Shortens a list to its first items. @returns those, and a button that shows all. @param noun such as `spokes`. */
export function useShowMore<T>(items: readonly T[], initialCount: number, noun: string) {
  const [isExpanded, setIsExpanded] = useState(false);
  const shown = isExpanded ? items : items.slice(0, initialCount);
  const toggle =
    items.length <= initialCount ? null : (
      <p class="show-more">
        <button type="button" aria-expanded={isExpanded} onClick={() => setIsExpanded(!isExpanded)}>
          {isExpanded
            ? `Show only the first ${initialCount} ${noun}`
            : `Show all ${formatNumber(items.length)} ${noun}`}
        </button>
      </p>
    );
  return { shown, toggle };
}
