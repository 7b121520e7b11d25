import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface TableProps {
  readonly caption: string;
  /** Of the columns; one with a leading `#` is of numbers. */
  readonly names: readonly string[];
  readonly kind?: string;
  readonly children: ComponentChildren;
}

/** A table that scrolls sideways by itself where it is too wide, also by keyboard, so that the page never does. */
export function Table({ caption, names, kind = 'list', children }: TableProps) {
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => (scroll.current === null ? undefined : focusableWhileScrollable(scroll.current, id)), [id]);
  return (
    <div class="scroll" ref={scroll}>
      <table class={kind}>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col" class={isOfNumbers(name) ? 'number' : undefined}>
                {plain(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Makes an element a stop of the tab key as long as there is something to scroll in it, and no longer. */
function focusableWhileScrollable(element: HTMLElement, labelId: string): () => void {
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

interface RowProps {
  /** Those of the table. */
  readonly names: readonly string[];
  /** The first is the row's heading. */
  readonly cells: readonly ComponentChildren[];
}

/** On a phone each cell stands by itself, with the name of its column. */
export const Row = ({ names, cells: [heading, ...cells] }: RowProps) => (
  <tr>
    <th scope="row">{heading}</th>
    {cells.map((cell, index) => {
      const name = names[index + 1] ?? '';
      return (
        <td key={name} class={isOfNumbers(name) ? 'number' : undefined} data-name={plain(name)}>
          {cell}
        </td>
      );
    })}
  </tr>
);

const isOfNumbers = (name: string): boolean => name.startsWith('#');
const plain = (name: string): string => name.replace(/^#/, '');
