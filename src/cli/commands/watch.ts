/** `onecycle watch`: shows jobs while they run. */
import type { Command } from 'commander';
import { clientCommand, connect, type Common } from '../command.js';
import { exitWith } from '../exit-codes.js';
import { jobIds } from '../refs.js';
import { print } from '../terminal/out.js';

/** Adds the command. */
export function watchCommand(program: Command): void {
  clientCommand(program, 'watch', 'follow jobs to their end: epochs, loss, time left')
    .argument('[id...]', 'ids, prefixes of ids, @last, @last~1 (default: @last)')
    .action(watch);
}

async function watch(refs: readonly string[], options: Common): Promise<void> {
  const client = connect(options);
  const ids = await jobIds(client, refs.length === 0 ? ['@last'] : refs);
  const { follow } = await import('../watch/follow.js');
  const { code, records } = await follow(client, ids, options.json ?? false);
  exitWith(code);
  const [record] = records;
  if (options.json || code !== 0 || records.length !== 1 || record.type !== 'lr_find') return;
  const { curveText } = await import('../finder.js');
  print(`\n${curveText(await client.jobs.handle(record).lrFind())}`);
}
