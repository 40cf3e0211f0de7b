/** The script for zsh. */
import { jobIdsCommand, nextWords, type Completable } from './completable.js';

/** See above. */
export const zsh = (commands: readonly Completable[]): string => `#compdef onecycle
# onecycle: completion for zsh
_onecycle() {
  local path="" word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$path $word" in
${pathCases(commands)}
    esac
  done
  case "$path" in
${choiceCases(commands)}
  esac
  _describe -t commands 'onecycle' choices
  [[ "\${words[CURRENT]}" == -* ]] && return
  case "$path" in
${argumentCases(commands)}
  esac
}
compdef _onecycle onecycle
`;

const quoted = (name: string, description: string): string =>
  `'${name}:${description.replaceAll(':', '\\:').replaceAll("'", "'\\''")}'`;

const pathCases = (commands: readonly Completable[]): string =>
  commands
    .map(({ path }) => {
      const words = path.split(' ');
      return `      "${words.slice(0, -1).join(' ')} ${words.at(-1)}") path="${path}" ;;`;
    })
    .join('\n');

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

function argumentCases(commands: readonly Completable[]): string {
  const paths = (kind: Completable['takes']): string =>
    commands.flatMap(({ path, takes }) => (takes === kind ? [`"${path}"`] : [])).join(' | ');
  return [
    `    ${paths('jobs')}) compadd -- @last \${(f)"$(${jobIdsCommand})"} ;;`,
    `    ${paths('files')}) _files ;;`,
  ].join('\n');
}
