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

/** What prints job ids; silent where no server answers. */
export const jobIdsCommand = 'onecycle list --ids --limit 50 2>/dev/null';
