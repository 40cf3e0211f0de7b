/** `onecycle openapi`: the API's document, as the code has it, and the pages that are made of the same schemas. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';

const file = new URL('../../../openapi.yaml', import.meta.url);
const asyncFile = new URL('../../../asyncapi.yaml', import.meta.url);

/** Adds the command `openapi`. */
export function openapiCommand(program: Command): void {
  program
    .command('openapi')
    .description('print openapi.yaml, or write it')
    .option('--write', 'in a checkout: write it, with the types of the client and the generated parts of docs/')
    .action(async ({ write = false }: { write?: boolean }) => {
      const { documents } = await import('../api/openapi.js');
      const { openapi: text, asyncapi } = await documents();
      if (!write) return void process.stdout.write(text);
      const [{ docsPages }, { clientTypes, clientTypesFile }] = await Promise.all([
        import('./docs/index.js'),
        import('./docs/client-types.js'),
      ]);
      const types = { file: clientTypesFile, text: await clientTypes(text) };
      const sockets = { file: asyncFile, text: asyncapi };
      for (const page of [{ file, text }, sockets, types, ...(await docsPages())])
        await writeFile(page.file, page.text);
    });
}
