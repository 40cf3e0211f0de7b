/** `onecycle completion`: what a shell completes commands and options by. */
import { Argument, type Command } from 'commander';
import { script, shells, type Shell } from '../completion/index.js';

/** Adds the command. */
export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and job ids in a shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      '\nbash: eval "$(onecycle completion bash)" in ~/.bashrc\nzsh:  eval "$(onecycle completion zsh)" in ~/.zshrc\n' +
        'fish: onecycle completion fish > ~/.config/fish/completions/onecycle.fish',
    )
    .action((shell: Shell) => void process.stdout.write(script(shell, program)));
}
