import type { Command } from 'commander';

/** Adds the commands that run the service: `up`, `api`, `worker`, `demo`. */
export function serviceCommands(program: Command): void {
  program
    .command('up')
    .description('run everything: the API, workers, and an embedded Valkey unless REDIS_URL is set')
    .action(async () => (await import('./up.js')).up());
  program
    .command('api')
    .description('run only the API (needs REDIS_URL)')
    .action(async () => (await import('./up.js')).api());
  program
    .command('worker')
    .description('run only workers, one per device (needs REDIS_URL)')
    .action(async () => (await import('./up.js')).worker());
  program
    .command('demo')
    .description('find a learning rate for real digits and train with it, live in this terminal')
    .action(async () => (await import('./demo.js')).demo());
}
