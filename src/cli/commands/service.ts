/** The commands that run the service. */
import type { Command } from 'commander';

/** Adds `up`. */
export const upCommand = (program: Command): void =>
  void program
    .command('up')
    .description('run everything: the API, workers, and an embedded Valkey unless REDIS_URL is set')
    .action(async () => (await import('../up.js')).up());

/** Adds `api`. */
export const apiCommand = (program: Command): void =>
  void program
    .command('api')
    .description('run only the API (needs REDIS_URL)')
    .action(async () => (await import('../up.js')).api());

/** Adds `worker`. */
export const workerCommand = (program: Command): void =>
  void program
    .command('worker')
    .description('run only workers, one per device (needs REDIS_URL)')
    .action(async () => (await import('../up.js')).worker());

/** Adds `demo`. */
export const demoCommand = (program: Command): void =>
  void program
    .command('demo')
    .description('find a learning rate for real digits and train with it, live in this terminal')
    .action(async () => (await import('../demo.js')).demo());
