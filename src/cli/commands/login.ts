/** `onecycle login` and `logout`: the key of a server is kept, and sent from then on. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { Onecycle } from '../../client/index.js';
import { addressOf, clientCommand, type Common } from '../command.js';
import { keepKey } from '../credentials.js';
import { CliError } from '../exit-codes.js';
import { printJson, say } from '../terminal/out.js';

/** Adds the command. */
export function loginCommand(program: Command): void {
  clientCommand(program, 'login', 'keep the API key of a server; it is asked for, or read from standard input').action(
    login,
  );
}

/** Adds the command. */
export function logoutCommand(program: Command): void {
  clientCommand(program, 'logout', 'forget the API key of a server').action(({ json, ...common }: Common) => {
    const url = addressOf(common);
    keepKey(url, undefined);
    if (json) printJson({ url });
    else say(`The key for ${url} is forgotten.`);
  });
}

async function login({ json, ...common }: Common): Promise<void> {
  const url = addressOf(common);
  const apiKey = (await asked(url)).trim();
  if (!/^oc_[0-9A-Za-z]{40,}$/.test(apiKey))
    throw new CliError('A key is `oc_` and at least 40 letters and digits, and this is none.');
  // A key that is valid may list jobs, or is told which scope it lacks.
  const { response } = await new Onecycle({ url, apiKey }).api.GET('/jobs', { params: { query: { limit: 1 } } });
  if (response.status === 401) throw new CliError(`${url} does not know this key.`);
  keepKey(url, apiKey);
  if (json) printJson({ url });
  else say(`The key for ${url} is kept.`);
}

async function asked(url: string): Promise<string> {
  if (!process.stdin.isTTY) return text(process.stdin);
  const { password } = await import('@inquirer/prompts');
  return password({ message: `Key for ${url}`, mask: '*' });
}
