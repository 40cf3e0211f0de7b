/** `onecycle weights`: the trained parameters. */
import type { Command } from 'commander';
import { clientCommand, connect, type Common } from '../command.js';
import { nameOf, notToTerminal, save } from '../files.js';
import { jobId } from '../refs.js';
import { printJson } from '../terminal/out.js';

interface Options extends Common {
  output?: string;
  checkpoint?: string;
}

/** Adds the command. */
export function weightsCommand(program: Command): void {
  clientCommand(program, 'weights', 'save the trained parameters as safetensors')
    .argument('[id]', 'its id, a prefix of it, @last', '@last')
    .option('-o, --output <file>', 'output file; - is standard output (default: ID.safetensors)')
    .option('-c, --checkpoint <checkpoint>', 'use a checkpoint: an id, a name, last, best')
    .action(weights);
}

async function weights(ref: string, { output, checkpoint, json, ...common }: Options): Promise<void> {
  const client = connect(common);
  const job = await client.jobs.get(await jobId(client, ref));
  if (output === '-') notToTerminal('Parameters');
  const response = await job.weights({ checkpoint });
  const file = output ?? nameOf(response, `${job.id}.safetensors`);
  await save(response, file);
  if (json && file !== '-') printJson({ id: job.id, file });
}
