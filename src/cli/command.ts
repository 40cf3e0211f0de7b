/** What all commands have in common that speak to a server. */
import type { Command } from 'commander';
import { Onecycle } from '../client/index.js';
import { clientSettings } from '../config.js';
import { keyFor } from './credentials.js';
import { CliError } from './exit-codes.js';

/** Options that each of them has. */
export interface Common {
  json?: true;
  url?: string;
}

/** Adds a command that speaks to a server. `usage`: its name and arguments, as commander writes them. */
export const clientCommand = (parent: Command, usage: string, description: string): Command =>
  parent
    .command(usage)
    .description(description)
    .option('--json', 'print JSON')
    .option('--url <url>', 'the server (default: ONECYCLE_URL, else http://127.0.0.1:3000)');

/** The server's address, without a slash at its end. */
export function addressOf({ url }: Common): string {
  const address = url ?? clientSettings().url ?? 'http://127.0.0.1:3000';
  if (!/^https?:\/\/./.test(address))
    throw new CliError(`The server's address must begin with http:// or https://, and ${address} does not.`);
  return address.replace(/\/+$/, '');
}

/** The server's client. The key is in no option: everybody can read a command line. */
export function connect(common: Common): Onecycle {
  const url = addressOf(common);
  return new Onecycle({ url, apiKey: clientSettings().apiKey ?? keyFor(url) });
}

/** Collects an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Parses an option that is a number. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new CliError(`${text} must be a number.`);
  return value;
}

/** `NAME=VALUE`, several times, as an object. */
export function tagsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new CliError(`A tag is NAME=VALUE, and ${text} is not.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
