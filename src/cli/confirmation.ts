import type { CliContext } from './context.ts';

/** Asks a question on stderr. Everything but a clear yes is a no. */
export async function isConfirmed(
  question: string,
  { stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>,
): Promise<boolean> {
  stderr.write(`${question} [y/N] `);
  return /^y(es)?$/i.test((await stdin.readLine())?.trim() ?? '');
}
