/** The commands that run the service. */
import type { Command } from 'commander';
import { setVariables, type WorkerOptions } from '../worker-options.js';

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
    .description('run only workers, one per device, here or on any machine; options go before variables')
    .option('--redis <url>', 'the Redis of the service (REDIS_URL)')
    .option('--storage <where>', 'the storage of the service: its data folder, or s3://bucket/prefix')
    .option('--devices <devices>', 'devices to train on, as in cuda:0,cuda:1 (ONECYCLE_DEVICES)')
    .option('--labels <labels>', 'labels that jobs ask for with `requires`, as in gpu=h100,zone=a (ONECYCLE_LABELS)')
    .option('--check', 'start none, but tell whether a worker of this machine is alive, for health checks')
    .action(async ({ check, ...options }: WorkerOptions) => {
      setVariables(options);
      await (await import('../up.js')).worker(check);
    });

/** Adds `demo`. */
export const demoCommand = (program: Command): void =>
  void program
    .command('demo')
    .description('find a learning rate for real digits and train with it, live in this terminal')
    .action(async () => (await import('../demo.js')).demo());
