/** The script for zsh, whose `path` is tied to PATH: no variable may have that name. */
import { chosenCases, jobIdsCommand, nextWords, pathsTaking, type Completable } from './completable.js';

/** See above. */
export const zsh = (commands: readonly Completable[]): string => `#compdef onecycle
# onecycle: completion for zsh
_onecycle() {
  local chosen="" word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$chosen $word" in
${chosenCases(commands)}
    esac
  done
  case "$chosen" in
${choiceCases(commands)}
  esac
  _describe -t commands 'onecycle' choices
  [[ "\${words[CURRENT]}" == -* ]] && return
  case "$chosen" in
${argumentCases(commands)}
  esac
}
compdef _onecycle onecycle
`;

const quoted = (name: string, description: string): string =>
  `'${name}:${description.replaceAll(':', '\\:').replaceAll("'", "'\\''")}'`;

function choiceCases(commands: readonly Completable[]): string {
  const described = new Map(commands.map(({ path, description }) => [path, description]));
  const words = (path: string): string[] =>
    nextWords(commands, path).map((word) => quoted(word, described.get(path === '' ? word : `${path} ${word}`) ?? ''));
  return [
    `    "") choices=(${words('').join(' ')}) ;;`,
    ...commands.map(({ path, options }) => {
      const flags = options.map((option) => quoted(option.flags.at(-1) ?? '', option.description));
      return `    "${path}") choices=(${[...words(path), ...flags].join(' ')}) ;;`;
    }),
  ].join('\n');
}

const argumentCases = (commands: readonly Completable[]): string =>
  [
    `    ${pathsTaking(commands, 'jobs')}) compadd -- @last \${(f)"$(${jobIdsCommand})"} ;;`,
    `    ${pathsTaking(commands, 'files')}) _files ;;`,
  ].join('\n');
