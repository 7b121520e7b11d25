import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface TableProps {
  readonly caption: string;
  /** Headings; a leading `#` marks a column of numbers. */
  readonly columns: readonly string[];
  readonly variant?: 'list' | 'matrix';
  readonly children: ComponentChildren;
}

/** A table that is too wide scrolls sideways by itself, also by keyboard, so that the page never does. */
export function Table({ caption, columns, variant = 'list', children }: TableProps) {
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => (scroll.current === null ? undefined : focusableWhileScrollable(scroll.current, id)), [id]);
  return (
    <div class="scroll" ref={scroll}>
      <table class={variant}>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={isNumeric(column) ? 'number' : undefined}>
                {headingOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Makes an element a stop of the Tab key while it can be scrolled. @returns the clean-up. */
function focusableWhileScrollable(element: HTMLElement, labelId: string): () => void {
  const attributes = { tabindex: '0', role: 'group', 'aria-labelledby': labelId };
  const observer = new ResizeObserver(() => {
    const isScrollable = element.scrollWidth > element.clientWidth;
    for (const [name, value] of Object.entries(attributes)) {
      if (isScrollable) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  });
  for (const observed of [element, ...element.children]) observer.observe(observed);
  return () => observer.disconnect();
}

interface RowProps {
  /** The table's. */
  readonly columns: readonly string[];
  /** The first is the row's heading. */
  readonly cells: readonly ComponentChildren[];
}

/** On a phone each cell is a line of its own, with the name of its column. */
export const Row = ({ columns, cells: [heading, ...cells] }: RowProps) => (
  <tr>
    <th scope="row">{heading}</th>
    {cells.map((cell, index) => {
      const column = columns[index + 1] ?? '';
      return (
        <td key={column} class={isNumeric(column) ? 'number' : undefined} data-name={headingOf(column)}>
          {cell}
        </td>
      );
    })}
  </tr>
);

const isNumeric = (column: string): boolean => column.startsWith('#');
const headingOf = (column: string): string => column.replace(/^#/, '');
