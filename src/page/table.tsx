import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface TableProps {
  readonly caption: string;
  readonly head: ComponentChildren;
  readonly kind?: string;
  readonly children: ComponentChildren;
}

/** A table that scrolls sideways by itself where it is too wide, also by keyboard, so that the page never does. */
export function Table({ caption, head, kind = '', children }: TableProps) {
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => (scroll.current === null ? undefined : keptInReach(scroll.current, id)), [id]);
  return (
    <div class="scroll" ref={scroll}>
      <table class={kind}>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Makes an element a stop of the tab key as long as there is something to scroll in it, and no longer. */
function keptInReach(element: HTMLElement, labelId: string): () => void {
  const attributes = { tabindex: '0', role: 'group', 'aria-labelledby': labelId };
  const observer = new ResizeObserver(() => {
    const isWide = element.scrollWidth > element.clientWidth;
    for (const [name, value] of Object.entries(attributes)) {
      if (isWide) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  });
  for (const one of [element, ...element.children]) observer.observe(one);
  return () => observer.disconnect();
}

/** Column headings. @param names a name with a leading `#` is of a column of numbers. */
export const Columns = ({ names }: { readonly names: readonly string[] }) => (
  <>
    {names.map((name) => (
      <th key={name} scope="col" class={name.startsWith('#') ? 'number' : undefined}>
        {name.replace(/^#/, '')}
      </th>
    ))}
  </>
);
