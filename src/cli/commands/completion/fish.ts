import { type CompletedCommand, isNames, type Values } from './completed-command.ts';
import { quoted } from './quoted.ts';

/** https://fishshell.com/docs/current/cmds/complete.html */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, arguments: all }) => [
    `complete -c evenkeel -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...all.flatMap((one, index) => {
      const words = wordsOf(one);
      // The program, the command, and the arguments before this one.
      const condition = `${seen(name)}; and test (count (commandline -opc)) -eq ${index + 2}`;
      return words === '' ? [] : [`complete -c evenkeel -f -n '${condition}' -a ${quoted(words)}`];
    }),
    ...options.map(
      (option) =>
        `complete -c evenkeel -n '${seen(name)}' -l ${option.name.slice(2)}${value(option.value)} -d ${quoted(option.description)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

const seen = (command: string): string => `__fish_seen_subcommand_from ${command}`;

function value(values: 'flag' | Values): string {
  if (values === 'flag') return ' -f';
  if (values === 'file') return ' -r -F';
  const words = wordsOf(values);
  return words === '' ? ' -x' : ` -x -a ${quoted(words)}`;
}

function wordsOf(values: Values): string {
  if (isNames(values)) return `(evenkeel names ${values.names} (commandline -ct) 2>/dev/null)`;
  return values === 'file' || values === 'other' ? '' : values.join(' ');
}
