/** The script for fish. */
import { jobIdsCommand, nextWords, type Completable } from './completable.js';

/** See above. */
export const fish = (commands: readonly Completable[]): string =>
  [
    '# onecycle: completion for fish',
    'complete -c onecycle -f',
    ...commands.flatMap((command) => linesOf(command, commands)),
    '',
  ].join('\n');

function linesOf({ path, description, options, takes }: Completable, commands: readonly Completable[]): string[] {
  const words = path.split(' ');
  const before = quoted(after(words.slice(0, -1), commands));
  const here = quoted(after(words, commands));
  return [
    `complete -c onecycle -n ${before} -a ${words.at(-1)} -d ${quoted(description)}`,
    ...options.map(
      (option) => `complete -c onecycle -n ${here} ${named(option.flags)} -d ${quoted(option.description)}`,
    ),
    ...(takes === 'jobs' ? [`complete -c onecycle -n ${here} -a ${quoted(`@last (${jobIdsCommand})`)}`] : []),
    ...(takes === 'files' ? [`complete -c onecycle -n ${here} -F`] : []),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** True where the words before are those of the path, and no more of it: `list` is not `data list`. */
function after(words: readonly string[], commands: readonly Completable[]): string {
  if (words.length === 0) return '__fish_use_subcommand';
  const groups = commands.map(({ path }) => path).filter((path) => nextWords(commands, path).length > 0);
  const others =
    words.length > 1 ? [] : [...nextWords(commands, words[0]), ...groups.filter((path) => path !== words[0])];
  return [
    ...words.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(others.length > 0 ? [`not __fish_seen_subcommand_from ${others.join(' ')}`] : []),
  ].join('; and ');
}

const named = (flags: readonly string[]): string =>
  flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
