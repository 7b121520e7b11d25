const edges = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'] as const;
const lines = ['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const;

/** A table of plain columns, which can be cut and searched. */
export const borderless = {
  chars: { ...Object.fromEntries([...edges, ...lines].map((place) => [place, ''])), middle: '  ' },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** Without the spaces that fill the last column. */
export const tableLines = (table: { toString(): string }): string[] =>
  table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
