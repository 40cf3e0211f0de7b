import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { parse } from 'yaml';
import { documents } from '../../src/api/openapi.js';
import type { OpenApiDocument } from '../../src/api/plugins/openapi.js';
import { child, follow } from '../../src/schema/json.js';
import { api } from './harness.js';

const file = new URL('../../../openapi.yaml', import.meta.url);

test('openapi.yaml is what the routes say: else run `npm run openapi`', async () => {
  assert.ok(
    (await readFile(file, 'utf8')) === (await documents()).openapi,
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

test('Redocly finds nothing amiss by its recommended rules, but for routes that cannot be otherwise', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: (await documents()).openapi, absoluteRef: 'openapi.yaml', config });
  const found = problems.map(({ ruleId, location }) => `${ruleId} ${location[0].pointer ?? ''}`);
  // A WebSocket is answered by 101 or an error; these take no argument that could be wrong.
  const sockets = ['/jobs/{id}/stream', '/stream'].map((path) => ['operation-2xx-response', path]);
  const plain = ['/', '/healthz', '/readyz'].map((path) => ['operation-4xx-response', path]);
  const known = [...sockets, ...plain].map(([rule, path]) => `${rule} #${child('/paths', path)}/get/responses`);
  assert.deepEqual(found.sort(), known.sort());
});

test('the document names its operations in one manner, and says what every list holds', async () => {
  const document = parse((await documents()).openapi) as OpenApiDocument;
  const named: string[] = [];
  const vague: string[] = [];
  const walk = (node: unknown, pointer: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('operationId' in node) named.push(String(node.operationId));
    if ('type' in node && node.type === 'array' && !('items' in node)) vague.push(pointer);
    if ('description' in node && typeof node.description === 'string' && !/[a-z]{3}/i.test(node.description))
      vague.push(pointer);
    for (const [name, field] of Object.entries(node)) walk(field, child(pointer, name));
  };
  walk(document, '');
  assert.deepEqual(vague, []);
  assert.deepEqual(
    named.filter((name) => !/^[a-z]+([A-Z][a-z]+)*$/.test(name)),
    [],
  );
  // Generators of clients write them alike.
  const plain = Object.keys(document.components.schemas).map((name) => name.replaceAll('_', '').toLowerCase());
  assert.deepEqual(
    plain.filter((name, i) => plain.indexOf(name) < i),
    [],
  );
});

test('the document and its pages are served', async (t) => {
  const on = await api(t);
  const yaml = (await on.get('/openapi.yaml')).body as string;
  assert.ok(yaml === (await documents()).openapi);
  assert.deepEqual((await on.get('/openapi.json')).body, parse(yaml));
  const { status, headers } = await on.get('/docs');
  assert.deepEqual([status, headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  const links = ((await on.get('/')).body as { links: Record<string, string> }).links;
  for (const link of Object.values(links).filter((each) => !['/schedules/preview', '/readyz'].includes(each)))
    assert.equal((await on.get(link)).status, 200, link);
});
