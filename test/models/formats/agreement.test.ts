/** What a model answers is the same to 1e-5 in every format: here, in ONNX's runtime, in TensorFlow.js in a browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { loadEngine } from '../../../src/engine/index.js';
import { InferenceModel } from '../../../src/learner/inference.js';
import { layersModel } from '../../../src/models/formats/layers-model.js';
import { onnxFile } from '../../../src/models/formats/onnx.js';
import { answersOf } from '../../../src/models/index.js';
import { startBrowser } from '../../browser.js';
import { runOnnx } from '../../onnx-runtime.js';
import { cases, missing, type Case } from './cases.js';

const engine = await loadEngine({ name: 'tensorflow' });

/** What the engine gives, and what a client is answered. */
const expected = new Map(
  cases.map(({ name, model, x, rows }) => {
    const inference = new InferenceModel(engine, model);
    const output = inference.predict(x, rows);
    inference.dispose();
    const answers = answersOf(model, output).data.flatMap((each) =>
      'values' in each ? each.values : each.probabilities,
    );
    return [name, { output, answers }];
  }),
);

function assertClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, wanted.length, what);
  const largest = Array.from(wanted).reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  for (let i = 0; i < wanted.length; i++)
    assert.ok(Math.abs(actual[i] - wanted[i]) <= 1e-5 * largest, `${what}: ${actual[i]} where it is ${wanted[i]}`);
}

test('every layer and every preset is among the models', () => assert.deepEqual(missing(), []));

test('rows are answered alike in batches of any size', () => {
  const { model, x, rows } = cases[1];
  const inference = new InferenceModel(engine, model);
  const many = new Float32Array(75 * inference.width);
  for (let row = 0; row < 75; row++)
    many.set(x.subarray((row % rows) * inference.width, ((row % rows) + 1) * inference.width), row * inference.width);
  const output = inference.predict(many, 75);
  const { output: few } = expected.get('mlp')!;
  assertClose(
    output,
    Float32Array.from({ length: output.length }, (_, i) => few[i % few.length]),
    'mlp',
  );
  inference.dispose();
});

for (const each of cases) {
  test(`ONNX's runtime: ${each.name}`, async () => {
    const { model, x, rows } = each;
    const file = onnxFile({ model, name: 'model', card: '# A model' });
    const found = await runOnnx(file, x, [rows, ...model.plan.input_shape]);
    const { output, answers } = expected.get(each.name)!;
    const names = model.activation === 'softmax' ? ['logits', 'probabilities'] : ['values'];
    assert.deepEqual(Object.keys(found), names);
    assertClose(found[names[0]].data, output, 'outputs');
    assertClose(found[names.at(-1)!].data, answers, 'answers');
  });
}

test('TensorFlow.js in a browser', async () => {
  const site = await serve();
  const browser = await startBrowser();
  after(() => browser.close());
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(site);
  for (const [i, each] of cases.entries()) {
    const found = await predictedBy(page, `${site}/${i}/model.json`, each);
    assertClose(found.values, expected.get(each.name)!.output, each.name);
    assert.deepEqual(found.metadata.classes ?? null, each.model.activation === 'softmax' ? ['ant', 'bee', '2'] : null);
  }
  assert.deepEqual(problems, []);
  await browser.close();
});

/** What the browser's page has. */
interface BrowserTensorFlow {
  loadLayersModel(url: string): Promise<{
    predict(x: unknown): { data(): Promise<Float32Array> };
    getUserDefinedMetadata(): Record<string, unknown>;
  }>;
  tensor(values: number[], shape: number[]): unknown;
  setBackend(name: string): Promise<boolean>;
}

const predictedBy = (page: Page, url: string, { x, rows, model }: Case) =>
  page.evaluate(
    async (address, values, shape) => {
      const { tf } = globalThis as unknown as { tf: BrowserTensorFlow };
      await tf.setBackend('cpu');
      const loaded = await tf.loadLayersModel(address);
      const output = loaded.predict(tf.tensor(values, shape));
      return { values: Array.from(await output.data()), metadata: loaded.getUserDefinedMetadata() };
    },
    url,
    [...x],
    [rows, ...model.plan.input_shape],
  );

/** A site with TensorFlow.js as npm has it, and the models. */
async function serve(): Promise<string> {
  const script = readFileSync(createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js'));
  const server = createServer((request, response) => {
    const [, which = '', file = ''] = (request.url ?? '/').split('/');
    if (which === 'tf.js') response.end(script);
    else if (file === '') response.setHeader('content-type', 'text/html').end('<script src="/tf.js"></script>');
    else {
      const { json, weights } = layersModel({ model: cases[Number(which)].model, name: 'model', card: '' });
      response.end(file === 'model.json' ? json : Buffer.concat(weights));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
