import type { Command, Option } from 'commander';
import type { CompletedCommand, CompletedOption } from './scripts.ts';

/** What the help of a program lists, for shells. */
export const completedCommands = (program: Command): CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    argumentChoices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [
      ...command.options.flatMap(completedOption),
      { name: '--help', description: 'display help for command', value: 'flag' },
    ],
  }));

function completedOption({
  long,
  description,
  argChoices,
  flags,
  required,
  optional,
}: Option): CompletedOption[] {
  if (long === undefined || long === null) return [];
  const takesValue = required || optional;
  const listed = argChoices ?? (/<file>/.test(flags) ? 'file' : 'other');
  return [{ name: long, description, value: takesValue ? listed : 'flag' }];
}
