import type { Command, Option } from '@commander-js/extra-typings';
import type { NameKind } from '../../known-names.ts';

/** What a shell completes of a command. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** The values of each argument. */
  readonly arguments: readonly Values[];
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  /** The long flag, with its two hyphens. */
  readonly name: string;
  readonly description: string;
  /** `flag`: the option takes no value. */
  readonly value: 'flag' | Values;
}

/** Values that a shell offers: files, the known names of a kind, a list, or nothing. */
export type Values = 'file' | 'other' | readonly string[] | { readonly names: NameKind };

/** The same commands and options as in help. */
export const completedCommands = (program: Command): CompletedCommand[] => {
  const visible = program.createHelp().visibleCommands(program);
  return program.commands
    .filter((command) => visible.includes(command))
    .map((command) => ({
      name: command.name(),
      summary: command.summary(),
      arguments: command.registeredArguments.map(
        (one) => one.argChoices ?? namesOf[one.name()] ?? ('other' as const),
      ),
      options: [
        ...command.options.flatMap(completedOption),
        { name: '--help', description: 'display help for command', value: 'flag' as const },
      ],
    }));
};

/** What is named by an argument, or by an option. */
const namesOf: Readonly<Record<string, { readonly names: NameKind }>> = {
  group: { names: 'groups' },
  registry: { names: 'registries' },
  region: { names: 'regions' },
  '--registry': { names: 'registries' },
  '--region': { names: 'regions' },
  '--regions': { names: 'regions' },
  '--what-if': { names: 'regions' },
  '--spoke': { names: 'spokes' },
};

function completedOption(option: Option): CompletedOption[] {
  const { long, description, argChoices, flags, required, optional } = option;
  if (long === undefined || long === null) return [];
  const value = argChoices ?? namesOf[long] ?? (/<file>/.test(flags) ? 'file' : 'other');
  return [{ name: long, description, value: required || optional ? value : 'flag' }];
}

export const isNames = (values: 'flag' | Values): values is { readonly names: NameKind } =>
  typeof values === 'object' && 'names' in values;
