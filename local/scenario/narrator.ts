import ora from 'ora';
import colors from 'picocolors';

/** What one container group did in one act. */
interface Row {
  readonly name: string;
  readonly spoke: string;
  readonly happened: string;
  readonly did: string;
  readonly resolved: string;
}

/** Colours are off when piped, in CI too, and where NO_COLOR asks for it. */
const pc = colors.createColors(process.stdout.isTTY === true && !process.env['NO_COLOR']);

const widths = { name: 6, spoke: 9, happened: 24, did: 32 };

/** Prints the story, with a spinner while it waits; without a terminal, the same without colours or spinner. */
export class Narrator {
  private acts = 0;

  title(text: string, facts: readonly (readonly [name: string, value: string])[]): void {
    console.log(`\n${pc.bold(text)}\n`);
    for (const [name, value] of facts) console.log(`  ${pc.dim(name.padEnd(20))}${value}`);
  }

  chapter(title: string): void {
    console.log(`\n${pc.bold(pc.cyan(title))}`);
  }

  act(title: string): void {
    this.acts += 1;
    console.log(`\n${pc.bold(`${this.acts}  ${title}`)}`);
  }

  row({ name, spoke, happened, did, resolved }: Row): void {
    const cells = [
      pc.cyan(name.padEnd(widths.name)),
      pc.dim(spoke.padEnd(widths.spoke)),
      happened.padEnd(widths.happened),
      did.padEnd(widths.did),
      pc.green(resolved),
    ];
    console.log(`   ${cells.join(' ').trimEnd()}`);
  }

  /** Prints texts, padded to their widths. */
  cells([first, ...others]: readonly (readonly [text: string, width: number])[]): void {
    const padded = others.map(([text, width]) => text.padEnd(width));
    const start = first === undefined ? '' : pc.cyan(first[0].padEnd(first[1]));
    console.log(`   ${[start, ...padded].join(' ').trimEnd()}`);
  }

  note(text: string): void {
    console.log(`   ${pc.dim(text)}`);
  }

  good(text: string): void {
    console.log(`${pc.green('✔')} ${text}`);
  }

  bad(text: string): void {
    console.error(`${pc.red('✖')} ${text}`);
  }

  /** Shows a spinner until `work` is done. */
  async wait<T>(text: string, work: Promise<T>): Promise<T> {
    // A terminal of unknown width cannot be redrawn: the spinner would clear lines without end.
    if (!process.stdout.isTTY || process.stdout.columns === 0) return work;
    const spinner = ora({ text, stream: process.stdout, discardStdin: false }).start();
    try {
      return await work;
    } finally {
      spinner.stop();
    }
  }
}
