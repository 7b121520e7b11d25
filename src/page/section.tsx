import type { ComponentChildren } from 'preact';
import { Badge, type Tone } from './icons.tsx';
import type { SectionId } from './labels.ts';

interface SectionProps {
  readonly id: SectionId;
  readonly title: string;
  /** How this part stands, as a shape and a few words. */
  readonly state?: { readonly kind: Tone; readonly words: string };
  readonly children: ComponentChildren;
}

export const Section = ({ id, title, state, children }: SectionProps) => (
  <section id={id} class="part" aria-labelledby={`${id}-title`}>
    <div class="title">
      <h2 id={`${id}-title`}>{title}</h2>
      {state === undefined ? null : <Badge {...state} />}
    </div>
    {children}
  </section>
);

export const unreadable = { kind: 'unseen', words: 'cannot be read now' } as const;

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly mark?: Tone | undefined;
  /** Beside what is large, small. */
  readonly aside?: string;
}

/** A number or a time with its name. Stands in a `dl`. */
export const Stat = ({ name, mark, children, aside }: FactProps) => (
  <div class={`fact${mark === undefined ? '' : ` is-${mark}`}${aside === undefined ? '' : ' with-aside'}`}>
    <dt>{name}</dt>
    <dd>
      {children}
      {aside === undefined ? null : <span class="quiet"> {aside}</span>}
    </dd>
  </div>
);
