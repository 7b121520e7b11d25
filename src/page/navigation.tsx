import { useContext } from 'preact/hooks';
import { type BadgeProps, Icon } from './icons.tsx';
import type { Part } from './part.ts';
import { IsStale } from './section.tsx';

interface NavigationProps {
  /** The parts that are there, in the order of the page. */
  readonly parts: readonly (Pick<Part, 'id' | 'link'> & { readonly state: BadgeProps })[];
}

/** Links to the sections, each with its state. It stays in sight. */
export function Navigation({ parts }: NavigationProps) {
  const isStale = useContext(IsStale);
  if (parts.length === 0) return null;
  return (
    <nav aria-label="Sections">
      <ul>
        {parts.map(({ id, link, state }) => (
          <li key={id}>
            <a href={`#${id}`}>
              <Icon tone={isStale ? 'unknown' : state.tone} />
              {link}
              <span class="visually-hidden">: {isStale ? 'not known now' : state.label}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
