/** The script for fish. */
import { jobIdsCommand, type Completable } from './completable.js';

/** See above. */
export const fish = (commands: readonly Completable[]): string =>
  [
    '# onecycle: completion for fish',
    'complete -c onecycle -f',
    ...commands.flatMap((command) => [wordLine(command), ...optionLines(command), ...argumentLines(command)]),
    '',
  ].join('\n');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** True where the words before are those of the path, and no more of it. */
const after = (words: readonly string[]): string =>
  words.length === 0
    ? '__fish_use_subcommand'
    : words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');

function wordLine({ path, description }: Completable): string {
  const words = path.split(' ');
  return `complete -c onecycle -n ${quoted(after(words.slice(0, -1)))} -a ${words.at(-1)} -d ${quoted(description)}`;
}

const optionLines = ({ path, options }: Completable): string[] =>
  options.map(({ flags, description }) => {
    const named = flags
      .map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
      .join(' ');
    return `complete -c onecycle -n ${quoted(after(path.split(' ')))} ${named} -d ${quoted(description)}`;
  });

function argumentLines({ path, takes }: Completable): string[] {
  const condition = quoted(after(path.split(' ')));
  if (takes === 'jobs') return [`complete -c onecycle -n ${condition} -a ${quoted(`@last (${jobIdsCommand})`)}`];
  return takes === 'files' ? [`complete -c onecycle -n ${condition} -F`] : [];
}
