import { type CompletedCommand, isNames, type Values } from './completed-command.ts';

/**
 * https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 *
 * It needs nothing of the package bash-completion, and goes without what bash 3.2 of macOS lacks. Known names are safe
 * words (see `known-names.ts`), so the shell has nothing to expand in them.
 */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.value === 'flag' ? [] : [`    '${name} ${option.name}') ${offer(option.value)}; return ;;`],
    ),
  );
  const taking = [
    ...new Set(
      commands.flatMap(({ options }) =>
        options.filter(({ value }) => value !== 'flag').map(({ name }) => name),
      ),
    ),
  ];
  const positions = commands.flatMap(({ name, arguments: all }) =>
    all.flatMap((one, index) =>
      one === 'other' ? [] : [`    '${name} ${index}') ${offer(one)}; return ;;`],
    ),
  );
  const lists = commands.map(
    ({ name, options }) => `    ${name}) words='${options.map((option) => option.name).join(' ')}' ;;`,
  );
  const names = commands.map(({ name }) => name);
  return `_evenkeel_names() {
  local IFS=$'\\n'
  COMPREPLY=($(evenkeel names "$1" "$2" 2>/dev/null))
}
_evenkeel() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words at count=0
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${names.join(' ')} --help --version' -- "$current"))
    return
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  if [[ $current != -* ]]; then
    for ((at = 2; at < COMP_CWORD; at++)); do
      case "\${COMP_WORDS[at]}" in
        ${taking.join('|')}) ((at++)) ;;
        -*) ;;
        *) ((count++)) ;;
      esac
    done
    case "$command $count" in
${positions.map((line) => `  ${line}`).join('\n')}
    esac
  fi
  case "$command" in
${lists.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _evenkeel evenkeel
`;
}

function offer(values: Values): string {
  if (isNames(values)) return `_evenkeel_names ${values.names} "$current"`;
  const words = values === 'file' ? '-f' : `-W '${values === 'other' ? '' : values.join(' ')}'`;
  return `COMPREPLY=($(compgen ${words} -- "$current"))`;
}
