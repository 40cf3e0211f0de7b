/** The script for bash; it needs no bash-completion. */
import { jobIdsCommand, nextWords, type Completable } from './completable.js';

/** See above. */
export const bash = (commands: readonly Completable[]): string => `# onecycle: completion for bash
_onecycle() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${pathCases(commands)}
    esac
  done
  case "$path" in
${wordCases(commands)}
  esac
  if [[ "$current" != -* ]]; then
    case "$path" in
${argumentCases(commands)}
    esac
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
complete -F _onecycle onecycle
`;

/** Words that lead on: \`data\` and then \`upload\`. */
const pathCases = (commands: readonly Completable[]): string =>
  commands
    .map(({ path }) => {
      const words = path.split(' ');
      return `      "${words.slice(0, -1).join(' ')} ${words.at(-1)}") path="${path}" ;;`;
    })
    .join('\n');

function wordCases(commands: readonly Completable[]): string {
  const top = `    "") words="${[...nextWords(commands), 'help', '--help', '--version'].join(' ')}" ;;`;
  const others = commands.map(({ path, options }) => {
    const flags = options.flatMap((option) => option.flags.slice(-1));
    return `    "${path}") words="${[...nextWords(commands, path), ...flags, '--help'].join(' ')}" ;;`;
  });
  return [top, ...others].join('\n');
}

function argumentCases(commands: readonly Completable[]): string {
  const paths = (kind: Completable['takes']): string =>
    commands.flatMap(({ path, takes }) => (takes === kind ? [`"${path}"`] : [])).join(' | ');
  return [
    `      ${paths('jobs')}) words+=" @last $(${jobIdsCommand})" ;;`,
    `      ${paths('files')}) COMPREPLY+=($(compgen -f -- "$current")) ;;`,
  ].join('\n');
}
