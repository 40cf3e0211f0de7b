/** `onecycle workers`: what trains, and what waits. */
import type { Command } from 'commander';
import type { Worker } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { age } from '../terminal/format.js';
import { print, printJson, say } from '../terminal/out.js';
import { table } from '../terminal/table.js';

/** Adds the command. */
export function workersCommand(program: Command): void {
  clientCommand(program, 'workers', 'list the workers and what they run; drain one')
    .option('--drain <worker>', 'id of the worker that is to take no more jobs')
    .action(workers);
}

async function workers({ drain, json, ...common }: Common & { drain?: string }): Promise<void> {
  const client = connect(common);
  if (drain !== undefined) {
    const worker = await client.workers.drain(drain);
    if (json) printJson(worker);
    else print(`${worker.id} ${worker.status}`);
    return;
  }
  const [all, queue] = await Promise.all([client.workers.list(), client.queue.get({ limit: 1 })]);
  if (json) {
    printJson({ workers: all, queue: { ...queue, data: undefined } });
    return;
  }
  if (all.length === 0)
    say('There is no live worker, so jobs wait. To start one: npx onecycle up, or npx onecycle worker');
  else print(table(['ID', 'HOST', 'DEVICE', 'ENGINE', 'STATUS', 'JOBS', 'SEEN'], all.map(row)));
  say(`${queue.queued} queued, ${queue.running} running${queue.paused ? '; the queue is paused' : ''}`);
}

const row = ({ id, host, device, engine, status, jobs, last_seen_at }: Worker): string[] => [
  id,
  host,
  device,
  engine ? `${engine.name} ${engine.version}` : '-',
  status,
  jobs.length > 0 ? jobs.map(({ job }) => job).join(' ') : '-',
  `${age(Date.now() - Date.parse(last_seen_at))} ago`,
];
