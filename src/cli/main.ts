/** The command line. Each command loads what it needs when it runs, so that all of them start at once. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { OnecycleError } from '../errors.js';
import { serviceCommands } from './commands.js';
import { engineCommands } from './engine.js';
import { openapiCommand } from './openapi.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = new Command('onecycle')
  .description("a training service: fastai's Learner behind an API, on real TensorFlow")
  .version(version);
serviceCommands(program);
engineCommands(program);
openapiCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof OnecycleError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
