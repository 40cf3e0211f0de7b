/** `onecycle model`: the trained model, for use elsewhere. */
import type { Command } from 'commander';
import type { ModelFormat } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { nameOf, notToTerminal, save } from '../files.js';
import { jobId } from '../refs.js';
import { printJson } from '../terminal/out.js';

interface Options extends Common {
  format: ModelFormat;
  output?: string;
  checkpoint?: string;
}

/** Adds the command. */
export function modelCommand(program: Command): void {
  clientCommand(program, 'model', 'save the trained model: layers-model, onnx, safetensors, onecycle')
    .argument('[id]', 'its id, a prefix of it, @last', '@last')
    .option('-f, --format <format>', 'layers-model (TensorFlow.js), onnx, safetensors, or onecycle (all)', 'onecycle')
    .option('-o, --output <file>', 'output file; - is standard output (default: the name that the server gives)')
    .option('-c, --checkpoint <checkpoint>', 'use a checkpoint: an id, a name, last, best')
    .action(model);
}

async function model(ref: string, { format, output, checkpoint, json, ...common }: Options): Promise<void> {
  const client = connect(common);
  const job = await client.jobs.get(await jobId(client, ref));
  if (output === '-') notToTerminal('A model');
  const response = await job.model(format, { checkpoint });
  const file = output ?? nameOf(response, job.id);
  await save(response, file);
  if (json && file !== '-') printJson({ id: job.id, format, file });
}
