import type { Command, Option } from '@commander-js/extra-typings';

type Shell = 'bash' | 'zsh' | 'fish';

/** A script that completes the commands of a program, their options, and the values that can be listed. */
export function completionScript(shell: Shell, program: Command): string {
  return { bash, zsh, fish }[shell](completedCommands(program));
}

/** What a shell completes of a command. */
interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** Values of the argument; none where they cannot be listed. */
  readonly argumentChoices: readonly string[];
  readonly options: readonly CompletedOption[];
}

interface CompletedOption {
  /** The long flag, with its two hyphens. */
  readonly name: string;
  readonly description: string;
  /** `flag`: the option takes no value. */
  readonly value: 'flag' | 'file' | 'other' | readonly string[];
}

/** The same commands and options as in help. */
const completedCommands = (program: Command): CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    argumentChoices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [
      ...command.options.flatMap(completedOption),
      { name: '--help', description: 'display help for command', value: 'flag' },
    ],
  }));

function completedOption(option: Option): CompletedOption[] {
  const { long, description, argChoices, flags, required, optional } = option;
  if (long === undefined || long === null) return [];
  const value = argChoices ?? (/<file>/.test(flags) ? 'file' : 'other');
  return [{ name: long, description, value: required || optional ? value : 'flag' }];
}

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
function bash(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      if (option.value === 'flag') return [];
      const words = option.value === 'file' ? '-f' : `-W '${wordsOf(option.value)}'`;
      return [`    '${name} ${option.name}') COMPREPLY=($(compgen ${words} -- "$current")); return ;;`];
    }),
  );
  const lists = commands.map(
    ({ name, options, argumentChoices }) =>
      `    ${name}) words='${[...argumentChoices, ...options.map((option) => option.name)].join(' ')}' ;;`,
  );
  const names = commands.map(({ name }) => name);
  return `_evenkeel() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${names.join(' ')} --help --version' -- "$current"))
    return
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  case "$command" in
${lists.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _evenkeel evenkeel
`;
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
function zsh(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const specs = commands.map(({ name, options, argumentChoices }) => {
    const all = options.map((option) =>
      quoted(`${option.name}[${zshText(option.description)}]${zshValue(option)}`),
    );
    const argument = argumentChoices.length === 0 ? [] : [quoted(`:what:(${argumentChoices.join(' ')})`)];
    return `    ${name}) _arguments ${[...argument, ...all].join(' ')} ;;`;
  });
  return `#compdef evenkeel
_evenkeel() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${specs.join('\n')}
  esac
}
compdef _evenkeel evenkeel
# In a file of fpath, this runs as the function itself on the first call.
if [ "$funcstack[1]" = _evenkeel ]; then _evenkeel "$@"; fi
`;
}

/** In a zsh specification, brackets and colons are separators. */
const zshText = (text: string): string => text.replace(/[[\]\\:]/g, '\\$&');

function zshValue({ name, value }: CompletedOption): string {
  if (value === 'flag') return '';
  const action = value === 'file' ? '_files' : value === 'other' ? ' ' : `(${value.join(' ')})`;
  return `:${name.slice(2)}:${action}`;
}

/** https://fishshell.com/docs/current/cmds/complete.html */
function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, argumentChoices }) => [
    `complete -c evenkeel -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...[...argumentChoices].map(
      (choice) => `complete -c evenkeel -f -n '__fish_seen_subcommand_from ${name}' -a ${choice}`,
    ),
    ...options.map(
      (option) =>
        `complete -c evenkeel -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)}${fishValue(option)} -d ${quoted(option.description)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function fishValue({ value }: CompletedOption): string {
  if (value === 'flag') return ' -f';
  if (value === 'file') return ' -r -F';
  return value === 'other' ? ' -x' : ` -x -a '${value.join(' ')}'`;
}

const wordsOf = (value: 'other' | readonly string[]): string => (value === 'other' ? '' : value.join(' '));

/** Single quotes, with apostrophes as both zsh and fish read them. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
