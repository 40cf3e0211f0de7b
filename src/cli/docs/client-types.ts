/** The types of the client, which openapi.yaml makes. */
import { fileURLToPath } from 'node:url';

/** Where they are in the checkout. */
export const clientTypesFile = new URL('../../../../src/client/schema.ts', import.meta.url);

/**
 * The types of a document's routes and schemas. A field with a default may be left out, as the server takes it. Only a
 * checkout has the generator.
 */
export async function clientTypes(openapi: string): Promise<string> {
  const { default: generate, astToString, COMMENT_HEADER } = await import('openapi-typescript');
  const types = await generate(openapi, {
    defaultNonNullable: false,
    cwd: fileURLToPath(new URL('.', clientTypesFile)),
  });
  return COMMENT_HEADER + astToString(types);
}
