/** Scripts that complete the command line, made of what commander knows. */
import type { Command } from 'commander';
import { bash } from './bash.js';
import type { Completable } from './completable.js';
import { fish } from './fish.js';
import { zsh } from './zsh.js';

/** Shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
/** One of them. */
export type Shell = (typeof shells)[number];

const scripts: Record<Shell, (commands: readonly Completable[]) => string> = { bash, zsh, fish };

/** The script for a shell. */
export const script = (shell: Shell, program: Command): string => scripts[shell](completables(program));

/** All commands and, under `data`, theirs. */
export function completables(program: Command, before = ''): Completable[] {
  return program.commands.flatMap((command) => {
    const path = `${before}${command.name()}`;
    const options = command.options.filter(({ hidden }) => !hidden);
    return [
      {
        path,
        description: command.description(),
        options: options.map(({ short, long, description }) => ({
          flags: [short, long].filter((flag) => flag != null),
          description,
        })),
        takes: takenBy(command),
      },
      ...completables(command, `${path} `),
    ];
  });
}

function takenBy(command: Command): Completable['takes'] {
  const names = command.registeredArguments.map((argument) => argument.name());
  if (names.includes('id') && command.parent?.name() !== 'data') return 'jobs';
  return names.includes('file') ? 'files' : 'nothing';
}
