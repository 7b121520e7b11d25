import type { Palette } from './terminal.ts';

interface ShownInterlock {
  readonly rule: string;
  readonly pass: boolean;
  readonly detail: string;
}

/** A table of interlocks: whether each passes, its rule, and what it says. */
export function interlockLines(interlocks: readonly ShownInterlock[], pc: Palette): string[] {
  const width = Math.max(0, ...interlocks.map(({ rule }) => rule.length));
  return interlocks.map(
    ({ rule, pass, detail }) => `  ${pass ? pc.green('✔') : pc.red('✖')} ${rule.padEnd(width)}  ${detail}`,
  );
}
