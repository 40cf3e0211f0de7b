/** `onecycle tenants`: what each tenant of a service may take, and takes. */
import type { Command } from 'commander';
import type { Tenant } from '../../client/index.js';
import { clientCommand, collect, connect, type Common } from '../command.js';
import { limitsFrom, limitsText } from '../limits.js';
import { print, printJson, say } from '../terminal/out.js';
import { table } from '../terminal/table.js';

/** Adds the commands. */
export function tenantsCommand(program: Command): void {
  const tenants = program.command('tenants').description('list tenants and set what each may take');
  clientCommand(tenants, 'list', 'list the tenants with what they take').alias('ls').action(list);
  clientCommand(tenants, 'set', 'set what a tenant may take; what is left out is as the service is configured')
    .argument('<name>', 'the tenant')
    .option(
      '-l, --limit <name=number>',
      'requests_per_minute, queued, running, streams, stored_bytes or body_bytes; `none` for any number; several times',
      collect,
    )
    .action(set);
}

async function list({ json, ...common }: Common): Promise<void> {
  const all = await connect(common).tenants.list();
  if (json) printJson(all);
  else print(table(['TENANT', 'QUEUED', 'RUNNING', 'STORED BYTES', 'LIMITS'], all.map(row)));
}

async function set(name: string, { limit = [], json, ...common }: Common & { limit?: string[] }): Promise<void> {
  const tenant = await connect(common).tenants.set(name, limitsFrom(limit));
  if (json) printJson(tenant);
  else say(`${name}: ${limitsText(tenant.limits)}`);
}

const row = (tenant: Tenant): string[] => {
  const { queued, running, stored_bytes } = tenant.usage;
  return [tenant.name, String(queued), String(running), String(stored_bytes), limitsText(tenant.limits)];
};
