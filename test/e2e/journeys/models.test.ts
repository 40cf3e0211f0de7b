/** A model that TensorFlow.js made goes in, trains, and comes out in every format: the same answers everywhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { loadDataset } from '../../../src/data/index.js';
import { readSafetensors, type Tensor } from '../../../src/models/safetensors.js';
import { npy, zip } from '../../data/files/made.js';
import { runOnnx } from '../../onnx-runtime.js';
import { documentedFetch } from '../../openapi.js';
import { unzip } from '../../zip.js';
import { Server } from '../harness.js';
import { assertClose, download, predict, probabilitiesOf, upload } from './client.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** Two branches that join again, batch norm, and a softmax. */
function branches(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 1] });
  const start = (seed: number) => tf.initializers.glorotUniform({ seed });
  const apply = (layer: tf.layers.Layer, to: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
    layer.apply(to) as tf.SymbolicTensor;
  const conv = (name: string, strides: number) =>
    tf.layers.conv2d({
      name,
      filters: 6,
      kernelSize: 3,
      strides,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: start(strides),
    });
  const first = apply(conv('first', 1), input);
  const left = apply(tf.layers.maxPooling2d({ name: 'left', poolSize: 2 }), first);
  const right = apply(conv('right', 2), first);
  const joined = apply(tf.layers.add({ name: 'joined' }), [left, right]);
  const normal = apply(tf.layers.batchNormalization({ name: 'normal', momentum: 0.8 }), joined);
  const flat = apply(tf.layers.flatten({ name: 'flat' }), normal);
  return tf.model({
    inputs: input,
    outputs: apply(
      tf.layers.dense({ name: 'digit', units: 10, activation: 'softmax', kernelInitializer: start(3) }),
      flat,
    ),
  });
}

/** As `model.save('downloads://model')` would, zipped. */
async function saved(model: tf.LayersModel): Promise<Uint8Array<ArrayBuffer>> {
  let file: Uint8Array<ArrayBuffer> | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['model.weights.bin'], weights: weightSpecs }];
      file = await zip({
        'model.json': new Uint8Array(
          Buffer.from(JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest })),
        ),
        'model.weights.bin': new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
      });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return file!;
}

/** The model of a zip that the service made. */
async function loaded(file: Uint8Array): Promise<tf.LayersModel> {
  const files = await unzip(file);
  const { modelTopology, weightsManifest } = JSON.parse(files.get('model.json')!.toString()) as {
    modelTopology: object;
    weightsManifest: tf.io.WeightsManifestConfig;
  };
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: new Uint8Array(files.get('weights.bin')!).buffer,
    }),
  );
}

/** Puts tensors into a model of the same layers, by their names. */
function fill(model: tf.LayersModel, tensors: ReadonlyMap<string, Tensor>): void {
  for (const layer of model.layers) {
    const names =
      layer.getClassName() === 'BatchNormalization'
        ? ['gamma', 'beta', 'moving_mean', 'moving_variance']
        : ['kernel', 'bias'];
    const own = names.flatMap((name) => tensors.get(`${layer.name}.${name}`) ?? []);
    if (own.length > 0) layer.setWeights(own.map(({ data, shape }) => tf.tensor(floats(data), [...shape])));
  }
}

const floats = (data: Tensor['data']): Float32Array =>
  data instanceof Float32Array ? data : assert.fail('these are no floats');

const digits = loadDataset({ builtin: 'digits' });
const x = Float32Array.from(digits.x);
const asked = 30;
const rows = Array.from({ length: asked }, (_, row) =>
  Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, k) => [x[64 * row + 8 * i + k]])),
);
const outputs = (model: tf.LayersModel): Float32Array =>
  tf.tidy(() =>
    (model.predict(tf.tensor4d(x.slice(0, 64 * asked), [asked, 8, 8, 1])) as tf.Tensor).dataSync<'float32'>(),
  );
const softmax = (logits: Float32Array): Float32Array =>
  tf.tidy(() => tf.softmax(tf.tensor2d(logits, [asked, 10])).dataSync<'float32'>());

test('a LayersModel in, trained, and out again: TensorFlow.js, ONNX and safetensors answer as the service does', async () => {
  await tf.setBackend('cpu');
  const given = branches();
  const posted = await documentedFetch(`${server.url}/models?name=branches`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: await saved(given),
  });
  const model = (await posted.json()) as { id: string; unsupported: unknown[] };
  assert.deepEqual([posted.status, model.unsupported], [201, []]);

  const labels = BigInt64Array.from(digits.y, (label: number) => BigInt(label));
  const { id: data } = await upload(
    server,
    await zip({ 'x.npy': npy('<f4', [digits.rows, 8, 8, 1], x), 'y.npy': npy('<i8', [digits.rows], labels) }),
  );
  const { id, result } = await server.run({
    policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: 0.01 },
    dataset: { id: data },
    model: { id: model.id },
    metrics: ['accuracy'],
  });
  assert.ok(result!.metrics.accuracy > 0.7, String(result!.metrics.accuracy));

  const answers = probabilitiesOf(await predict(server, id, { x: rows })).flat();
  const file = (format: string) => download(server, `/jobs/${id}/model?format=${format}`);
  assertClose(softmax(outputs(await loaded(await file('layers-model')))), answers, 1e-5);
  const onnx = await runOnnx(await file('onnx'), x.slice(0, 64 * asked), [asked, 8, 8, 1]);
  assertClose(onnx.probabilities.data, answers, 1e-5);
  const before = outputs(given);
  fill(given, readSafetensors(await file('safetensors')).tensors);
  assertClose(outputs(given), answers, 1e-5);
  assert.ok(
    before.some((value, i) => Math.abs(value - answers[i]) > 0.1),
    'it has learned since it came',
  );
});
