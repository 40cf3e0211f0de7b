import type { Command } from 'commander';

/** Adds the commands that run the service: `up`, `api`, `worker`, `demo`. */
export function serviceCommands(program: Command): void {
  program
    .command('up')
    .description('run it all: the API, workers, and unless REDIS_URL is set an embedded Valkey')
    .action(async () => (await import('./up.js')).up());
  program
    .command('api')
    .description('run the API alone (needs REDIS_URL)')
    .action(async () => (await import('./up.js')).api());
  program
    .command('worker')
    .description('run workers alone, one per device (needs REDIS_URL)')
    .action(async () => (await import('./up.js')).worker());
  program
    .command('demo')
    .description('find a learning rate for real digits and train at it, live in this terminal')
    .action(async () => (await import('./demo.js')).demo());
}
