import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { Badge, type BadgeProps, type Tone } from './icons.tsx';
import type { SectionId } from './labels.ts';

/** Whether the page shows what was, and nobody knows whether it still is. */
export const IsStale = createContext(false);

interface SectionProps {
  readonly id: SectionId;
  readonly title: string;
  /** The state of the whole section. */
  readonly state?: BadgeProps;
  readonly children: ComponentChildren;
}

export const Section = ({ id, title, state, children }: SectionProps) => (
  <section id={id} class="panel" aria-labelledby={`${id}-title`}>
    <div class="panel-title">
      <h2 id={`${id}-title`}>{title}</h2>
      {state === undefined ? null : <State {...state} />}
    </div>
    {children}
  </section>
);

/** What was good is not shown as good. */
const State = ({ tone, label }: BadgeProps) =>
  useContext(IsStale) ? (
    <Badge tone="unknown" label={`last known: ${label}`} />
  ) : (
    <Badge tone={tone} label={label} />
  );

export const unreadable: BadgeProps = { tone: 'unknown', label: 'cannot be read now' };
export const allGood: BadgeProps = { tone: 'ok', label: 'all good' };

interface StatProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly tone?: Tone | undefined;
  /** Small print beside the value. */
  readonly aside?: string;
}

/** A number or a time with its name, inside a `dl`. */
export const Stat = ({ name, tone, children, aside }: StatProps) => (
  <div class={`stat${tone === undefined ? '' : ` is-${tone}`}${aside === undefined ? '' : ' with-aside'}`}>
    <dt>{name}</dt>
    <dd>
      {children}
      {aside === undefined ? null : <span class="muted"> {aside}</span>}
    </dd>
  </div>
);
