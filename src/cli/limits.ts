/** Limits of a tenant or a key, as the command line takes and shows them. */
import { CliError } from './exit-codes.js';

/** Of `--limit queued=100 --limit running=none`. What is no limit, the server says. */
export const limitsFrom = (given: readonly string[]): Record<string, number | null> =>
  Object.fromEntries(given.map(limitOf));

/** As in `--limit`, with spaces between them. */
export const limitsText = (limits: Readonly<Record<string, number | null>>): string =>
  Object.entries(limits)
    .map(([name, most]) => `${name}=${most === null ? 'none' : String(most)}`)
    .join(' ');

function limitOf(text: string): [name: string, most: number | null] {
  const [name = '', most = ''] = text.split('=');
  if (most === 'none') return [name, null];
  if (!/^[0-9]+$/.test(most)) throw new CliError(`--limit must be a name and a number (queued=100), not ${text}.`);
  return [name, Number(most)];
}
