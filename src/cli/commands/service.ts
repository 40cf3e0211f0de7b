/** The commands that run the service. */
import type { Command } from 'commander';

/** Adds `up`. */
export const upCommand = (program: Command): void =>
  void program
    .command('up')
    .description('run it all: the API, workers, and unless REDIS_URL is set an embedded Valkey')
    .action(async () => (await import('../up.js')).up());

/** Adds `api`. */
export const apiCommand = (program: Command): void =>
  void program
    .command('api')
    .description('run the API alone (needs REDIS_URL)')
    .action(async () => (await import('../up.js')).api());

/** Adds `worker`. */
export const workerCommand = (program: Command): void =>
  void program
    .command('worker')
    .description('run workers alone, one per device (needs REDIS_URL)')
    .action(async () => (await import('../up.js')).worker());

/** Adds `demo`. */
export const demoCommand = (program: Command): void =>
  void program
    .command('demo')
    .description('find a learning rate for real digits and train at it, live in this terminal')
    .action(async () => (await import('../demo.js')).demo());
