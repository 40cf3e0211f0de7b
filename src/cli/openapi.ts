/** `onecycle openapi`: the API's document, as the code has it. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';

const file = new URL('../../../openapi.yaml', import.meta.url);

/** Adds the command `openapi`. */
export function openapiCommand(program: Command): void {
  program
    .command('openapi')
    .description('print openapi.yaml, or write it')
    .option('--write', 'write it to the root of the repository')
    .action(async ({ write = false }: { write?: boolean }) => {
      const { openapiYaml } = await import('../api/openapi.js');
      const text = await openapiYaml();
      if (write) await writeFile(file, text);
      else process.stdout.write(text);
    });
}
