/** asyncapi.yaml: what AsyncAPI's own schema says of it, and that it is up to date. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { documents } from '../../src/api/openapi.js';
import { follow } from '../../src/schema/json.js';

const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

interface Document {
  channels: Record<string, { address: string; messages: object }>;
  operations: Record<string, { action: string }>;
}

test('asyncapi.yaml is what the routes say (else run `npm run openapi`), and is AsyncAPI 3', async () => {
  const { asyncapi: text } = await documents();
  assert.ok((await readFile(new URL('../../../asyncapi.yaml', import.meta.url), 'utf8')) === text);
  const document = parse(text) as Document;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const isValid = (value: unknown): boolean => validate(value);
  assert.ok(isValid(document), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
  assert.ok(!isValid({ ...document, operations: { streamJob: { ...document.operations.streamJob, action: 'say' } } }));
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer]) => pointer);
  assert.ok(references.length > 20);
  assert.deepEqual(
    references.filter((pointer) => follow(document, pointer) === undefined),
    [],
  );
  assert.deepEqual(
    Object.values(document.channels).map(({ address, messages }) => [address, Object.keys(messages).length]),
    [
      ['/jobs/{id}/stream', 6],
      ['/stream', 6],
    ],
  );
});
