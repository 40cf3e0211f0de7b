/** The script for bash; it needs no bash-completion. */
import { chosenCases, jobIdsCommand, nextWords, pathsTaking, type Completable } from './completable.js';

/** See above. */
export const bash = (commands: readonly Completable[]): string => `# onecycle: completion for bash
_onecycle() {
  local current="\${COMP_WORDS[COMP_CWORD]}" chosen="" word words=""
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$chosen $word" in
${chosenCases(commands)}
    esac
  done
  case "$chosen" in
${wordCases(commands)}
  esac
  if [[ "$current" != -* ]]; then
    case "$chosen" in
${argumentCases(commands)}
    esac
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
complete -F _onecycle onecycle
`;

function wordCases(commands: readonly Completable[]): string {
  const top = `    "") words="${[...nextWords(commands), 'help', '--help', '--version'].join(' ')}" ;;`;
  const others = commands.map(({ path, options }) => {
    const flags = options.flatMap((option) => option.flags.slice(-1));
    return `    "${path}") words="${[...nextWords(commands, path), ...flags, '--help'].join(' ')}" ;;`;
  });
  return [top, ...others].join('\n');
}

const argumentCases = (commands: readonly Completable[]): string =>
  [
    `      ${pathsTaking(commands, 'jobs')}) words+=" @last $(${jobIdsCommand})" ;;`,
    `      ${pathsTaking(commands, 'files')}) COMPREPLY+=($(compgen -f -- "$current")) ;;`,
  ].join('\n');
