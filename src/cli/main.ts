/** The command line. */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { programFor } from './program.js';
import { endQuietlyWithReader, say } from './terminal/out.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

endQuietlyWithReader();
try {
  const args = process.argv.slice(2);
  await (await programFor(args, version)).parseAsync(args, { from: 'user' });
} catch (error) {
  process.exitCode = await codeOf(error);
}

/** Says what went wrong, in plain words; commander has done so itself. */
async function codeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const { report } = await import('./report.js');
  const code = report(error);
  if (code !== undefined) return code;
  const known = error instanceof Error ? error : new Error(String(error));
  // A bug of ours: whoever reports it needs to say where.
  say(`Unexpected error: ${known.stack ?? known.message}`);
  return exitCodes.failed;
}
