/** Models that clients bring, over HTTP. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { safetensorsParts } from '../../src/models/index.js';
import { root } from '../e2e/harness.js';
import { dense3, keras2, keras3, zipOf } from '../models/formats/layers-model.js';
import { api, job, pointers, type Api } from './harness.js';

interface Model {
  id: string;
  layers: object[];
  unsupported: object[];
  notes: string[];
}

const posted = async (on: Api, bytes: Uint8Array, query = '') => {
  const response = await fetch(`${on.url}/models${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, body: (await response.json()) as Model };
};

test('a LayersModel is posted once, read, listed, named by a job, and deleted when no job needs it', async (t) => {
  const on = await api(t);
  const file = await zipOf(dense3, [4, 3]);
  const { status, body } = await posted(on, file, '?name=mine');
  assert.equal(status, 201);
  assert.deepEqual(body.layers, [
    { type: 'dense', units: 4, use_bias: true, name: 'hidden' },
    { type: 'activation', function: 'relu', name: 'hidden_activation' },
    { type: 'dense', units: 3, use_bias: true, name: 'out' },
  ]);
  assert.deepEqual(body.unsupported, []);
  assert.match(body.notes[0], /softmax/);
  const again = await posted(on, file);
  assert.deepEqual([again.status, again.body], [200, body]);
  assert.deepEqual((await on.get(`/models/${body.id}`)).body, body);
  assert.deepEqual((await on.get('/models')).body, { object: 'list', data: [body] });

  const iris = job({ dataset: { builtin: 'iris' }, model: { id: body.id } });
  const record = await on.submit(iris);
  assert.deepEqual(record.spec.weights, { taken: 4, drawn: [] });
  assert.deepEqual(record.spec.model.stored?.sha256.length, 64);
  assert.equal((await on.delete(`/models/${body.id}`)).status, 409);
  assert.equal((await on.post(`/jobs/${record.id}/cancel`, {})).status, 200);
  assert.equal((await on.delete(`/models/${body.id}`)).status, 204);
  assert.equal((await on.get(`/models/${body.id}`)).status, 404);
  const gone = await on.post('/jobs', iris);
  assert.deepEqual([gone.status, pointers(gone.body)], [422, ['/model/id']]);
});

test('Keras 2 and Keras 3 write the same model in two forms', async (t) => {
  const on = await api(t);
  const [two, three] = [await posted(on, await zipOf(keras2, [])), await posted(on, await zipOf(keras3, []))];
  assert.deepEqual([two.status, three.status], [201, 201]);
  assert.deepEqual(two.body.layers, three.body.layers);
  assert.equal(two.body.layers.length, 5);
});

test('layers that there are not are told one by one, and no job can name the model', async (t) => {
  const on = await api(t);
  const lstm = { class_name: 'LSTM', config: { name: 'memory', units: 3 } };
  const sequential = { class_name: 'Sequential', config: { layers: [...dense3.config.layers, lstm] } };
  const { status, body } = await posted(on, await zipOf(sequential, [4, 3]));
  assert.equal(status, 201);
  assert.deepEqual(body.unsupported, [{ layer: 'memory', type: 'LSTM', why: 'this layer type is not supported' }]);
  const answer = await on.post('/jobs', job({ dataset: { builtin: 'iris' }, model: { id: body.id } }));
  assert.deepEqual([answer.status, pointers(answer.body)], [422, ['/model/id']]);
});

test('a pickle that would execute something is refused by its name', async (t) => {
  const on = await api(t);
  const path = join(root, 'test', 'models', 'formats', 'state_dicts.json');
  const { malicious } = JSON.parse(readFileSync(path, 'utf8')) as { malicious: string };
  const { status, body } = await posted(on, Buffer.from(malicious, 'base64'));
  assert.equal(status, 422);
  assert.match(JSON.stringify(body), /asks for posix\.system/);
  assert.deepEqual((await on.get('/models')).body, { object: 'list', data: [] });
});

describe('weights alone start a preset', () => {
  const floats = (...shape: number[]) => ({
    shape,
    data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(0.1),
  });
  const weights = Buffer.concat(
    safetensorsParts(
      new Map([
        ['hidden.0.kernel', floats(64, 16)],
        ['hidden.0.bias', floats(16)],
        ['output.kernel', floats(16, 5)],
        ['output.bias', floats(5)],
      ]),
    ),
  );

  test('the head, of other classes, is drawn anew, and the record says so', async (t) => {
    const on = await api(t);
    const { body } = await posted(on, weights);
    const model = { preset: 'mlp', hidden: [16], pretrained: body.id };
    const record = await on.submit(job({ model }));
    assert.deepEqual(record.spec.weights, { taken: 2, drawn: ['output.kernel', 'output.bias'] });
    const wide = await on.post('/jobs', job({ model: { ...model, hidden: [32] } }));
    assert.deepEqual([wide.status, pointers(wide.body)], [422, ['/model/pretrained']]);
    const asModel = await on.post('/jobs', job({ model: { id: body.id } }));
    assert.deepEqual([asModel.status, pointers(asModel.body)], [422, ['/model/id']]);
    const none = await on.post('/jobs', job({ model: { ...model, pretrained: 'mdl_none' } }));
    assert.deepEqual([none.status, pointers(none.body)], [422, ['/model/pretrained']]);
  });
});

test('a file over the limit is refused as it comes', async (t) => {
  const on = await api(t, { maxUploadBytes: 100 });
  assert.equal((await posted(on, Buffer.alloc(1000))).status, 413);
});
