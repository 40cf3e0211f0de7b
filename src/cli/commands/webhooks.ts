/** `onecycle webhooks`: who is told of jobs. */
import { Option, type Command } from 'commander';
import type { Delivery, DeliveryQuery, NewWebhook, Webhook } from '../../client/index.js';
import { clientCommand, collect, connect, number, type Common } from '../command.js';
import { each } from '../report.js';
import { age } from '../terminal/format.js';
import { print, printJson, say } from '../terminal/out.js';
import { table } from '../terminal/table.js';

/** Adds the commands. */
export function webhooksCommand(program: Command): void {
  const webhooks = program.command('webhooks').description('have a server told of jobs by signed POST requests');
  clientCommand(webhooks, 'create', 'make a webhook and print its secret, this once')
    .argument('<url>', 'where to post')
    .option(
      '-e, --event <event>',
      'what to tell of: job.completed, job.epoch, …; several times (default: each end and pause)',
      collect,
    )
    .action(create);
  clientCommand(webhooks, 'list', 'list the webhooks').alias('ls').action(list);
  clientCommand(webhooks, 'delete', 'delete webhooks').alias('rm').argument('<id...>', 'their ids').action(remove);
  clientCommand(webhooks, 'test', 'send a webhook a test').argument('<id>', 'its id').action(test);
  clientCommand(webhooks, 'deliveries', 'list what was not delivered, or was')
    .argument('<id>', 'the webhook’s id')
    .addOption(
      new Option('--status <status>', 'of which status').choices(['pending', 'delivered', 'dead']).default('dead'),
    )
    .option('-n, --limit <n>', 'how many, the latest ones', number)
    .action(deliveries);
  clientCommand(webhooks, 'replay', 'try again what was given up')
    .argument('<id>', 'the webhook’s id')
    .argument('[delivery]', 'the delivery’s id (default: all that were given up)')
    .action(replay);
}

async function create(url: string, { event, json, ...common }: Common & { event?: string[] }): Promise<void> {
  // What is no event, the server says.
  const made = await connect(common).webhooks.create({ url, events: event as NewWebhook['events'] });
  if (json) printJson(made);
  else print(made.secret);
  say(`${made.id} is told of ${made.events.join(', ')}. Its secret is not shown again.`);
}

async function list({ json, ...common }: Common): Promise<void> {
  const all = await connect(common).webhooks.list();
  if (json) printJson(all);
  else if (all.length === 0) say('No webhook was made.');
  else print(table(['ID', 'URL', 'EVENTS', 'ENABLED', 'PENDING', 'DEAD', 'MADE'], all.map(row)));
}

async function remove(ids: string[], { json, ...common }: Common): Promise<void> {
  const client = connect(common);
  const deleted: string[] = [];
  await each(ids, async (id) => {
    await client.webhooks.delete(id);
    deleted.push(id);
    if (!json) print(`${id} deleted`);
  });
  if (json) printJson({ deleted });
}

async function test(id: string, { json, ...common }: Common): Promise<void> {
  const delivery = await connect(common).webhooks.test(id);
  if (json) printJson(delivery);
  else print(delivery.id);
  say(`What became of it: onecycle webhooks deliveries ${id} --status delivered`);
}

async function deliveries(id: string, { json, url, status, limit }: Common & DeliveryQuery): Promise<void> {
  const all = await connect({ url }).webhooks.deliveries(id, { status, limit });
  if (json) printJson(all);
  else if (all.length === 0) say(`No delivery is ${status}.`);
  else print(table(['ID', 'EVENT', 'JOB', 'ATTEMPTS', 'RESPONSE', 'ERROR', 'MADE'], all.map(deliveryRow)));
}

async function replay(id: string, delivery: string | undefined, { json, ...common }: Common): Promise<void> {
  const replayed = await connect(common).webhooks.replay(id, delivery);
  if (json) printJson({ replayed });
  else say(`Tried again: ${replayed}`);
}

const since = (time: string): string => `${age(Date.now() - Date.parse(time))} ago`;

const row = ({ id, url, events, enabled, pending, dead, created_at }: Webhook): string[] => [
  id,
  url,
  events.join(', '),
  enabled ? 'yes' : 'no',
  String(pending),
  String(dead),
  since(created_at),
];

const deliveryRow = ({ id, event, job, attempts, response, error, created_at }: Delivery): string[] => [
  id,
  event,
  job ?? '',
  String(attempts),
  response === null ? '' : String(response),
  error ?? '',
  since(created_at),
];
