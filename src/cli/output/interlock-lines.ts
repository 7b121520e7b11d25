import type { Palette } from './terminal.ts';
import { type Screen, wrapLine } from './wrap.ts';

interface ShownInterlock {
  readonly rule: string;
  readonly pass: boolean;
  readonly detail: string;
}

/** A table of interlocks: whether each passes, its rule, and what it says. */
export function interlockLines(interlocks: readonly ShownInterlock[], pc: Palette, screen: Screen): string[] {
  const width = Math.max(0, ...interlocks.map(({ rule }) => rule.length));
  return interlocks.flatMap(({ rule, pass, detail }) =>
    wrapLine(`  ${pass ? pc.green('✔') : pc.red('✖')} ${rule.padEnd(width)}  ${detail}`, screen, width + 6),
  );
}
