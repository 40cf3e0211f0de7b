/** What the scripts are made of. */

/** What a shell needs to know of a command. */
export interface Completable {
  /** Its words after `onecycle`: `submit`, `data upload`. */
  path: string;
  description: string;
  options: { flags: string[]; description: string }[];
  /** What its arguments are. */
  takes: 'jobs' | 'files' | 'nothing';
}

/** The words that may follow a path of words: its subcommands. */
export const nextWords = (commands: readonly Completable[], path = ''): string[] =>
  commands
    .filter((command) => command.path.startsWith(path === '' ? '' : `${path} `))
    .map((command) => command.path.slice(path === '' ? 0 : path.length + 1))
    .filter((rest) => !rest.includes(' '));

/** Cases of bash and zsh, over the words that were chosen before and the next one: which command they lead to. */
export const chosenCases = (commands: readonly Completable[]): string =>
  commands
    .map(({ path }) => {
      const words = path.split(' ');
      return `      "${words.slice(0, -1).join(' ')} ${words.at(-1)}") chosen="${path}" ;;`;
    })
    .join('\n');

/** The pattern, in such a case, of the commands whose arguments are of a kind. */
export const pathsTaking = (commands: readonly Completable[], kind: Completable['takes']): string =>
  commands.flatMap(({ path, takes }) => (takes === kind ? [`"${path}"`] : [])).join(' | ');

/** What prints job ids; silent where no server answers. */
export const jobIdsCommand = 'onecycle list --ids --limit 50 2>/dev/null';
