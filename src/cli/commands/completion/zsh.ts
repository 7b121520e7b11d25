import { type CompletedCommand, isNames, type Values } from './completed-command.ts';
import { quoted } from './quoted.ts';

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const specs = commands.map(({ name, options, arguments: all }) => {
    const words = options.map((option) => {
      const value = option.value === 'flag' ? '' : `:${option.name.slice(2)}:${action(option.value)}`;
      return quoted(`${option.name}[${zshText(option.description)}]${value}`);
    });
    const places = all.map((one, index) => quoted(`${index + 1}:what:${action(one)}`));
    return `    ${name}) _arguments ${[...places, ...words].join(' ')} ;;`;
  });
  return `#compdef evenkeel
_evenkeel_names() {
  local -a names=(\${(f)"$(evenkeel names $1 "$PREFIX" 2>/dev/null)"})
  compadd -a names
}
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

function action(values: Values): string {
  // After a space, zsh puts no options of its own before the word.
  if (isNames(values)) return ` _evenkeel_names ${values.names}`;
  if (values === 'file') return '_files';
  return values === 'other' ? ' ' : `(${values.join(' ')})`;
}
