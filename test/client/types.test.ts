/** The types of the client: those that openapi.yaml makes, and requests that the server takes pass them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { clientTypes, clientTypesFile } from '../../src/cli/docs/client-types.js';

const openapi = new URL('../../../openapi.yaml', import.meta.url);

test('src/client/schema.ts is what openapi.yaml makes: else run `npm run openapi`', async () => {
  const made = await clientTypes(await readFile(openapi, 'utf8'));
  assert.ok((await readFile(clientTypesFile, 'utf8')) === made, 'it is not: run `npm run openapi`');
});
