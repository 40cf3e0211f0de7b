/** Each operation of openapi.yaml with its own examples, as somebody sends them who presses “Send” on the page /docs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { safetensorsParts } from '../../src/models/safetensors.js';
import { pictures, zip } from '../data/files/made.js';
import { documentedFetch } from '../openapi.js';
import { root, Server } from './harness.js';
import { endless } from './jobs.js';

interface Sample {
  example?: unknown;
  examples?: Readonly<Record<string, { value: unknown }>>;
}
interface Parameter extends Sample {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
}
interface Described {
  operationId: string;
  parameters?: readonly Parameter[];
  requestBody?: { content: Readonly<Record<string, Sample>> };
  responses: Readonly<Record<string, unknown>>;
}
interface Operation extends Described {
  method: string;
  path: string;
}

const { paths } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as {
  paths: Record<string, Record<string, Described>>;
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]): Operation => ({
    ...described,
    method: method.toUpperCase(),
    path,
  })),
);

/** The protocol's own headers say what they do: docs/data.md, and the tests of uploads. */
const byTus = ['createUpload', 'sendUploadPart', 'cancelUpload', 'getUploadOptions'];
/** What changes the state of others, in the order in which one can: all else comes before. */
const inOrder = [
  ...['pauseJob', 'resumeJob', 'createCheckpoint', 'finishJob', 'cancelJob', 'retryJob', 'deleteJob'],
  ...['deleteDataset', 'deleteModel', 'pauseQueue', 'resumeQueue', 'drainWorker'],
  ...['createWebhook', 'listWebhooks', 'getWebhook', 'testWebhook', 'listDeliveries', 'replayDeliveries'],
  ...['replayDelivery', 'deleteWebhook', 'setTenant', 'listTenants', 'getTenant'],
  ...['createKey', 'listKeys', 'createTicket', 'revokeKey'],
];
/** Files that no text can be: the test sends its own. */
const binary = ['uploadModel'];

const samplesOf = ({ example, examples = {} }: Sample): unknown[] =>
  example === undefined ? Object.values(examples).map(({ value }) => value) : [example];

let server: Server;
/** What stands for the ids of the examples. */
const ids: Record<string, string> = {};
let key: string | undefined;
before(async () => {
  server = await Server.start();
  const flowers = { dataset: { builtin: 'iris' }, model: { preset: 'mlp', hidden: [8] }, batch_size: 16 };
  ids.done = (await server.run({ ...flowers, policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 } })).id;
  ids.finder = (await server.run({ ...flowers, policy: { name: 'lr_find' } })).id;
  ids.live = (await server.submit(endless)).id;
  await server.until('it trains', async () => (await server.job(ids.live)).progress.iteration > 0);
  ids.pictures = await uploaded('/datasets', await zip(await pictures()));
  const tensors = new Map([['w', { shape: [1], data: Float32Array.of(1) }]]);
  ids.model = await uploaded('/models', new Uint8Array(Buffer.concat(safetensorsParts(tensors))));
  const { data } = (await server.ok('/workers')) as { data: { id: string }[] };
  ids.worker = data[0].id;
});
after(() => server.stop());

async function uploaded(path: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const response = await fetch(server.url + path, { method: 'POST', headers, body });
  return ((await response.json()) as { id: string }).id;
}

/** The ids of operations whose subject is not the job that has completed. */
const subjects: Readonly<Record<string, string | undefined>> = {
  getLrFind: 'finder',
  plotLrFind: 'finder',
  plotLrFindPng: 'finder',
  pauseJob: 'live',
  resumeJob: 'live',
  createCheckpoint: 'live',
  finishJob: 'live',
  cancelJob: 'other',
  retryJob: 'other',
  getDataset: 'pictures',
  getDatasetThumbnail: 'pictures',
  deleteDataset: 'pictures',
  getModel: 'model',
  deleteModel: 'model',
  drainWorker: 'worker',
  revokeKey: 'key',
  getWebhook: 'webhook',
  testWebhook: 'webhook',
  listDeliveries: 'webhook',
  replayDeliveries: 'webhook',
  replayDelivery: 'webhook',
  deleteWebhook: 'webhook',
};

/** What must be before an operation can be tried. */
const states: Readonly<Record<string, string | undefined>> = {
  resumeJob: 'paused',
  createCheckpoint: 'running',
  finishJob: 'running',
  retryJob: 'cancelled',
};

/** An example with ids that exist in place of those that it has. */
function real(text: string, operationId: string): string {
  return (
    text
      .replaceAll(
        /job_8fK2|ds_8c1f0a3b5d7e9f01a2b4|mdl_8fK2|wrk_8fK2|wh_8fK2|oc_8fK2x0Pq/g,
        ids[subjects[operationId] ?? 'done'],
      )
      .replaceAll('job_9aB3', ids.finder)
      // Its name must lead somewhere.
      .replaceAll('hooks.example.com', '8.8.8.8')
  );
}

/** The address of an operation with the examples of its parameters: those that are required, and those that have one. */
function addressOf({ operationId, path, parameters = [] }: Operation): string {
  const query = new URLSearchParams();
  let address = path;
  for (const parameter of parameters) {
    const sample = samplesOf(parameter).at(0);
    assert.ok(sample !== undefined || !parameter.required, `${operationId} has no example for ${parameter.name}`);
    if (sample === undefined) continue;
    const text = real(typeof sample === 'string' ? sample : JSON.stringify(sample), operationId);
    if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, encodeURIComponent(text));
    if (parameter.in === 'query') query.set(parameter.name, text);
  }
  return `${address}${query.size > 0 ? '?' : ''}${query.toString()}`;
}

async function send(operation: Operation, address: string, body?: { type: string; text: string }): Promise<void> {
  const headers = {
    ...(body && { 'content-type': body.type }),
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const request = { method: operation.method, headers, ...(body && { body: body.text }) };
  const response = await documentedFetch(server.url + address, request);
  const text = await response.text();
  const what = `${operation.method} ${address} ${body?.text ?? ''} answered ${response.status}: ${text.slice(0, 500)}`;
  assert.ok(response.ok && String(response.status) in operation.responses, what);
  if (operation.operationId === 'createWebhook') ids.webhook = (JSON.parse(text) as { id: string }).id;
  if (operation.operationId !== 'createKey') return;
  const made = JSON.parse(text) as { id: string; key: string };
  [ids.key, key] = [made.id, made.key];
}

async function tryOut(operation: Operation): Promise<void> {
  const { operationId, requestBody } = operation;
  // The first one has finished early.
  if (operationId === 'cancelJob') ids.other = (await server.submit(endless)).id;
  const state = states[operationId];
  if (state !== undefined)
    await server.until(state, async () => (await server.job(ids[subjects[operationId] ?? 'live'])).status === state);
  const address = addressOf(operation);
  if ('101' in operation.responses) {
    const socket = new WebSocket(server.url.replace('http', 'ws') + address);
    await once(socket, 'open');
    socket.close();
    return;
  }
  if (requestBody === undefined || binary.includes(operationId)) {
    if (requestBody === undefined) await send(operation, address);
    return;
  }
  const bodies = Object.entries(requestBody.content).flatMap(([type, sample]) =>
    samplesOf(sample).map((one) => ({ type, text: typeof one === 'string' ? one : JSON.stringify(one) })),
  );
  assert.notDeepEqual(bodies, [], `${operationId} has no example of its body`);
  for (const body of bodies) await send(operation, address, { ...body, text: real(body.text, operationId) });
}

test('every operation does what it says with the examples that openapi.yaml has for it', async (t) => {
  const known = operations.map(({ operationId }) => operationId);
  for (const name of [...inOrder, ...byTus, ...binary, ...Object.keys(subjects)])
    assert.ok(known.includes(name), `there is no operation ${name}`);
  const rank = ({ operationId }: Operation): number => inOrder.indexOf(operationId);
  const tried = operations.filter(({ operationId }) => !byTus.includes(operationId)).sort((a, b) => rank(a) - rank(b));
  for (const operation of tried) await t.test(operation.operationId, () => tryOut(operation));
});
