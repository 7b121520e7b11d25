import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Badge, type BadgeProps } from './icons.tsx';
import type { SectionId } from './labels.ts';
import type { Tone } from './tone.ts';

/** Whether the page shows what was, and nobody knows whether it still is. */
export const IsStale = createContext(false);

/** Whether the reader sees a choice of the rows only. */
export const IsFiltered = createContext(false);

interface SectionProps {
  readonly id: SectionId;
  readonly title: string;
  /** The state of the whole section. */
  readonly state?: BadgeProps;
  /** What a reader sees of it while it is folded, in one line. */
  readonly summary?: ComponentChildren;
  /** How many rows are there to be seen. */
  readonly rows: number;
  readonly children: ComponentChildren;
}

/**
 * A part of the page. What is well starts folded. It opens when it is well no more, and what was open stays open:
 * somebody may be reading it. While the reader filters, the parts with rows are open, and the others are not.
 */
export function Section({ id, title, state, summary, rows, children }: SectionProps) {
  const [choice, setChoice] = useState<boolean>();
  const isFiltered = useContext(IsFiltered);
  const wasOpen = useRef(false);
  if (!isFiltered && !isWell(state)) wasOpen.current = true;
  const isOpen = isFiltered ? rows > 0 : (choice ?? wasOpen.current);
  useEffect(() => whenWanted(id, () => setChoice(true)), [id]);
  const body = useRef<HTMLDivElement>(null);
  // A search of the browser finds what is folded, and opens it. Preact knows the attribute as a flag only.
  useLayoutEffect(() => {
    if (isOpen) body.current?.removeAttribute('hidden');
    else body.current?.setAttribute('hidden', 'until-found');
  }, [isOpen]);
  return (
    <section id={id} class="panel" aria-labelledby={`${id}-title`}>
      <div class="panel-title">
        <h2>
          <button
            type="button"
            class="fold"
            id={`${id}-title`}
            aria-expanded={isOpen}
            aria-controls={`${id}-body`}
            disabled={isFiltered}
            onClick={() => setChoice(!isOpen)}
          >
            {title}
          </button>
        </h2>
        {state === undefined ? null : <State {...state} />}
      </div>
      {isFiltered && rows === 0 ? <p class="muted">Nothing here matches the filter.</p> : null}
      {isFiltered || summary === undefined ? null : <p class="summary">{summary}</p>}
      <div
        id={`${id}-body`}
        class="panel-body"
        ref={body}
        // @ts-expect-error Not in Preact's types yet. https://html.spec.whatwg.org/multipage/indices.html#event-beforematch
        onbeforematch={() => setChoice(true)}
      >
        {children}
      </div>
    </section>
  );
}

const isWell = (state: BadgeProps | undefined): boolean => state?.tone === 'ok' || state?.tone === 'none';

/** Calls back when a link to the section is followed, also for the second time. @returns the clean-up. */
function whenWanted(id: string, callback: () => void): () => void {
  const onClick = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest(`a[href="#${id}"]`) !== null) callback();
  };
  if (location.hash === `#${id}`) callback();
  document.addEventListener('click', onClick);
  return () => document.removeEventListener('click', onClick);
}

/** What was good is not shown as good. */
const State = ({ tone, label }: BadgeProps) =>
  useContext(IsStale) ? (
    <Badge tone="unknown" label={`last known: ${label}`} />
  ) : (
    <Badge tone={tone} label={label} />
  );

/** What is wrong comes first, then what nobody knows. */
const ranks: Readonly<Record<Tone, number>> = {
  error: 0,
  warning: 0,
  unknown: 1,
  progress: 2,
  ok: 3,
  none: 3,
  off: 3,
};
export const rankOf = ({ tone }: BadgeProps): number => ranks[tone];

export const unreadable: BadgeProps = { tone: 'unknown', label: 'cannot be read now' };
export const allGood: BadgeProps = { tone: 'ok', label: 'all good' };

/** The names and numbers of a section; those of all rows, so that a filter hides them. */
export const Stats = ({ children }: { readonly children: ComponentChildren }) =>
  useContext(IsFiltered) ? null : <dl class="stats">{children}</dl>;

interface StatProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly tone?: Tone | undefined;
  /** Small print beside the value. */
  readonly aside?: string;
}

/** A number or a time with its name, inside {@link Stats}. */
export const Stat = ({ name, tone, children, aside }: StatProps) => (
  <div class={`stat${tone === undefined ? '' : ` is-${tone}`}${aside === undefined ? '' : ' with-aside'}`}>
    <dt>{name}</dt>
    <dd>
      {children}
      {aside === undefined ? null : <span class="muted"> {aside}</span>}
    </dd>
  </div>
);
