import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { openapiYaml } from '../../src/api/openapi.js';
import type { OpenApiDocument } from '../../src/api/plugins/openapi.js';
import { follow } from '../../src/schema/json.js';
import { api } from './harness.js';

const file = new URL('../../../openapi.yaml', import.meta.url);

test('openapi.yaml is what the routes say: else run `npm run openapi`', async () => {
  assert.ok(
    (await readFile(file, 'utf8')) === (await openapiYaml()),
    'openapi.yaml is not what the routes say: run `npm run openapi`',
  );
});

test('every reference leads somewhere, and every route says what it does', async () => {
  const document = parse(await readFile(file, 'utf8')) as OpenApiDocument;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer]) => pointer);
  assert.ok(references.length > 20);
  assert.deepEqual(
    references.filter((pointer) => follow(document, pointer) === undefined),
    [],
  );
  const operations = Object.entries(
    document.paths as Record<string, Record<string, { summary?: string; responses: object }>>,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, responses }]) => ({
      route: `${method} ${path}`,
      said: summary !== undefined && Object.keys(responses).length > 0,
    })),
  );
  assert.deepEqual(
    operations.filter(({ said }) => !said),
    [],
  );
  const paths = [
    '/jobs',
    '/jobs/{id}',
    '/jobs/{id}/cancel',
    '/jobs/{id}/metrics',
    '/jobs/{id}/lr-find',
    '/jobs/{id}/weights',
    '/jobs/{id}/stream',
    '/jobs/{id}/events',
    '/schedules/preview',
  ];
  for (const path of paths) assert.ok(path in document.paths, path);
});

test('the document and its pages are served', async (t) => {
  const on = await api(t);
  const yaml = (await on.get('/openapi.yaml')).body as string;
  assert.ok(yaml === (await openapiYaml()));
  assert.deepEqual((await on.get('/openapi.json')).body, parse(yaml));
  const { status, headers } = await on.get('/docs');
  assert.deepEqual([status, headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  const links = ((await on.get('/')).body as { links: Record<string, string> }).links;
  for (const link of Object.values(links).filter((each) => !['/schedules/preview', '/readyz'].includes(each)))
    assert.equal((await on.get(link)).status, 200, link);
});
