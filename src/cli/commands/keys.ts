/** `onecycle keys`: who may use a service. */
import type { Command } from 'commander';
import type { ApiKey, NewKey } from '../../client/index.js';
import { clientCommand, collect, connect, type Common } from '../command.js';
import { CliError } from '../exit-codes.js';
import { limitsFrom, limitsText } from '../limits.js';
import { each } from '../report.js';
import { age } from '../terminal/format.js';
import { print, printJson, say } from '../terminal/out.js';
import { table } from '../terminal/table.js';

interface CreateOptions extends Common {
  scope?: string[];
  tenant?: string;
  expires?: string;
  limit?: string[];
}

/** Adds the commands. */
export function keysCommand(program: Command): void {
  const keys = program.command('keys').description('make, list and revoke API keys');
  clientCommand(keys, 'create', 'make a key and print it, this once')
    .argument('<name>', 'what it is for')
    .option('-s, --scope <scope>', 'read, jobs, data or admin; several times (default: read, jobs, data)', collect)
    .option(
      '-t, --tenant <name>',
      'whose jobs, data and models it works with (default: those of the key that makes it)',
    )
    .option('--expires <time>', 'when it stops working: a date, or a number of days as in 30d (default: never)')
    .option(
      '-l, --limit <name=number>',
      'what it may take: requests_per_minute, queued, running, streams or stored_bytes; `none` for any number; several ' +
        'times (default: as the service is configured)',
      collect,
    )
    .action(create);
  clientCommand(keys, 'list', 'list the keys').alias('ls').action(list);
  clientCommand(keys, 'revoke', 'revoke keys').alias('rm').argument('<id...>', 'their ids').action(revoke);
}

async function create(name: string, { scope, tenant, expires, limit, json, ...common }: CreateOptions): Promise<void> {
  const made = await connect(common).keys.create({
    name,
    // What is no scope, the server says.
    scopes: scope as NewKey['scopes'],
    tenant,
    expires_at: expires === undefined ? undefined : timeOf(expires),
    limits: limit && limitsFrom(limit),
  });
  if (json) printJson(made);
  else print(made.key);
  say('This key is not shown again. Use it as ONECYCLE_API_KEY, or with: npx onecycle login');
}

async function list({ json, ...common }: Common): Promise<void> {
  const all = await connect(common).keys.list();
  if (json) printJson(all);
  else if (all.length === 0) say('No key was made.');
  else
    print(
      table(
        ['ID', 'NAME', 'TENANT', 'SCOPES', 'MADE', 'EXPIRES', 'QUEUED', 'RUNNING', 'STORED BYTES', 'LIMITS'],
        all.map(row),
      ),
    );
}

async function revoke(ids: string[], { json, ...common }: Common): Promise<void> {
  const client = connect(common);
  const revoked: string[] = [];
  await each(ids, async (id) => {
    await client.keys.revoke(id);
    revoked.push(id);
  });
  if (json) printJson({ revoked });
  else if (revoked.length > 0) say(`Revoked: ${revoked.join(', ')}`);
}

const row = ({ id, name, tenant, scopes, created_at, expires_at, usage, limits }: ApiKey): string[] => [
  id,
  name,
  tenant,
  scopes.join(', '),
  `${age(Date.now() - Date.parse(created_at))} ago`,
  expires_at ?? 'never',
  String(usage.queued),
  String(usage.running),
  String(usage.stored_bytes),
  limitsText(limits),
];

const dayMs = 24 * 3600_000;

/** A date as ISO 8601 has it. */
function timeOf(text: string): string {
  const days = /^(\d+)d$/.exec(text)?.[1];
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * dayMs;
  if (Number.isNaN(time)) throw new CliError(`--expires must be a date (2027-01-31) or days (30d), not ${text}.`);
  return new Date(time).toISOString();
}
