/** Compiled graphs that are kept: the same numbers whichever way a graph comes, and no graph for another program. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { madeOf, type Run } from '../../../src/engine/contract.js';
import { encodeGraphFile } from '../../../src/engine/native/graphs/graph-file.js';
import { GraphStore } from '../../../src/engine/native/graphs/graph-store.js';
import type { Store } from '../../../src/engine/native/graphs/kept-graphs.js';
import { createNativeEngine } from '../../../src/engine/native/index.js';
import type { CompiledProgram } from '../../../src/engine/native/tracing/compiled-program.js';
import { BatchLoader, fitOneCycle, Learner, loadDataset, planModel } from '../../../src/learner/index.js';
import type { LearnerOptions } from '../../../src/learner/index.js';
import type { LayerSpec } from '../../../src/models/spec.js';
import { completeOptimizer } from '../../../src/optimizer/index.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-test-graphs-'));
after(() => rmSync(folder, { recursive: true }));

/** The keys that the engine has asked a store for. */
const read: string[] = [];
/** The store that the engine has at the moment. */
let store: Store = new GraphStore(folder, 1e9);
const engine = createNativeEngine({
  graphs: {
    get: (key) => (read.push(key), store.get(key)),
    put: (key, program) => store.put(key, program),
    remove: (key) => store.remove(key),
    keyOf: (purpose) => store.keyOf(purpose),
    setKeyOf: (purpose, key) => store.setKeyOf(purpose, key),
  },
});
/** Programs that were made, and so traced. */
let made = 0;
const counting: typeof engine = {
  ...engine,
  build: (program) => engine.build('make' in program ? { ...program, make: () => (made++, program.make()) } : program),
};
const keepingNothing: typeof engine = { ...engine, build: (program) => engine.build(madeOf(program)) };

interface Case extends Partial<Omit<LearnerOptions, 'model' | 'data'>> {
  model?: Parameters<typeof planModel>[0];
  batchSize?: number;
  pixels?: 'bytes';
}

const images = loadDataset({ random: { shape: [6, 6, 2], classes: 3, rows: 28, seed: 1 } });

function learner({ model = { preset: 'mlp', hidden: [5] }, batchSize = 8, pixels, ...options }: Case): Learner {
  const dataset = pixels === 'bytes' ? { ...images, x: Uint8Array.from(images.x as Float32Array, Math.abs) } : images;
  const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const train = new BatchLoader({ dataset, rows: rows(0, 20), batchSize, shuffle: true });
  const valid = new BatchLoader({ dataset, rows: rows(20, 28), batchSize: 8 });
  return new Learner({
    engine: counting,
    model: planModel(model, dataset),
    data: { dataset, train, valid },
    loss: 'cross_entropy',
    ...options,
  });
}

/** Trains, and returns all that came of it. */
async function numbers(learn: Learner): Promise<unknown> {
  const losses: number[] = [];
  learn.recorder.onBatch = (record) => losses.push(record.raw_loss);
  await fitOneCycle(learn, { n_epoch: 2, lr_max: 0.01 });
  assert.deepEqual(learn.mode, { name: 'compiled' });
  return { losses, epoch: learn.lastEpoch?.valid_loss, values: learn.snapshot().values };
}

const layers: LayerSpec[] = [
  { type: 'conv2d', filters: 4, kernel: 3, padding: 'same' },
  { type: 'batch_norm' },
  { type: 'relu' },
  { type: 'global_avg_pool' },
  { type: 'dropout', rate: 0.5 },
  { type: 'dense', units: 3 },
];
const models: [what: string, options: Case][] = [
  ['an MLP', {}],
  ['convolutions, batch norm and dropout', { model: { layers }, batchSize: 4 }],
  [
    'gradients that are clipped and added up, SGD',
    {
      step: { clipNorm: { max: 1, type: 2 }, accumulate: true },
      optimizer: completeOptimizer({ name: 'sgd', mom: 0.9 }),
    },
  ],
];

for (const [what, options] of models) {
  test(`${what}: the same bits from a new graph, a kept one, one that is loaded, and where none is kept`, async () => {
    const expected = await numbers(learner({ ...options, engine: keepingNothing }));
    const held = engine.held();
    made = 0;
    const [first, second] = [learner(options), learner(options)];
    assert.deepEqual(await numbers(first), expected);
    assert.equal(made, 1);
    assert.deepEqual(await numbers(second), expected, 'from the file, while the first graph is in use');
    first.dispose();
    second.dispose();
    const third = learner(options);
    assert.deepEqual(await numbers(third), expected, 'by the graph that the second has left');
    third.dispose();
    assert.equal(made, 1);
    assert.equal(engine.held(), held);
  });
}

test('a graph that no run uses stays loaded without its values, however many they were', async () => {
  const runs: Run[] = [];
  const build: typeof engine.build = (program) => {
    runs.push(engine.build(program));
    return runs.at(-1)!;
  };
  const large: Case = { model: { preset: 'mlp', hidden: [20_000] }, engine: { ...engine, build } };
  const first = learner(large);
  const expected = await numbers(first);
  first.dispose();
  assert.ok(runs[0].read().every(({ length }) => length === 0));
  read.length = 0;
  const second = learner(large);
  assert.deepEqual(await numbers(second), expected);
  second.dispose();
  assert.deepEqual(read, [], 'no graph is read from a file');
});

test('a graph that was expected is loaded beforehand, and has the same bits; a wrong guess does no harm', async () => {
  const [right, wrong]: Case[] = [{ model: { layers }, batchSize: 5 }, { model: { preset: 'mlp', hidden: [9] } }];
  const expected = new Map<Case, unknown>();
  for (const what of [right, wrong]) expected.set(what, await numbers(learner({ ...what, engine: keepingNothing })));
  const held = engine.held();
  const learners: Learner[] = []; // none is disposed of before the end, so that no graph is spare
  /** How many files were read before the program was there. */
  const train = async (what: Case): Promise<number> => {
    read.length = 0;
    engine.expect?.({ purpose: 'a test' });
    const early = read.length;
    learners.push(learner(what));
    assert.deepEqual(await numbers(learners.at(-1)!), expected.get(what));
    return early;
  };
  assert.equal(await train(right), 0);
  made = 0;
  assert.equal(await train(right), 1);
  assert.equal(read.length, 1, 'it is not read again');
  for (const what of [wrong, right, right]) await train(what);
  assert.equal(made, 1, 'the other one');

  engine.expect?.({ purpose: 'a test' });
  engine.expect?.({ purpose: 'nobody has asked for this' });
  const [key] = read;
  const program = store.get(key)!;
  writeFileSync(join(folder, `${key}.graph`), encodeGraphFile({ ...program, graph: Buffer.from('no graph') }));
  await train(right);
  assert.equal(made, 2, 'TensorFlow does not take what the file has');
  for (const learn of learners) learn.dispose();
  assert.equal(engine.held(), held);
});

/** Programs that differ from the first in one thing each. */
const variants: [what: string, options: Case & { frozen?: number[] }][] = [
  ['nothing', {}],
  ['what is frozen', { frozen: [1] }],
  ['what is frozen at times', { frozen: [0, 1] }],
  ['the size of batches', { batchSize: 10 }],
  ['a layer', { model: { preset: 'mlp', hidden: [6] } }],
  ['dropout', { model: { preset: 'mlp', hidden: [3], dropout: 0.5 } }],
  ['how much dropout', { model: { preset: 'mlp', hidden: [3], dropout: 0.25 } }],
  ['the loss', { loss: { name: 'label_smoothing', eps: 0.1 } }],
  ['how much the loss smooths', { loss: { name: 'label_smoothing', eps: 0.2 } }],
  ['weights of classes', { loss: { name: 'cross_entropy', weight: [1, 2, 3] } }],
  ['other weights of classes', { loss: { name: 'cross_entropy', weight: [1, 2, 4] } }],
  ['the optimizer', { optimizer: completeOptimizer({ name: 'sgd' }) }],
  ['momentum', { optimizer: completeOptimizer({ name: 'larc', mom: 0 }) }],
  ['an argument of the optimizer', { optimizer: completeOptimizer({ name: 'larc', trust_coeff: 0.5 }) }],
  ['what weight decay is', { optimizer: completeOptimizer({ name: 'adam', decouple_wd: false }) }],
  ['what decays', { wdBnBias: true }],
  ['clipped gradients', { step: { clipNorm: { max: 1, type: 2 } } }],
  ['where gradients are clipped', { step: { clipNorm: { max: 2, type: 2 } } }],
  ['clipped values', { step: { clipValue: 1 } }],
  ['gradients that are added up', { step: { accumulate: true } }],
  ['mixed rows', { step: { mixup: { alpha: 0.4 } } }],
  ['the type of pixels', { pixels: 'bytes' }],
  ['parameter groups', { model: { layers, param_groups: [[0, 1, 2, 3, 4], [5]] } }],
  ['one parameter group', { model: { layers } }],
  ['frozen batch norm', { frozen: [1], model: { layers, param_groups: [[0, 1, 2, 3, 4], [5]] } }],
  [
    'frozen batch norm that does not train',
    { frozen: [1], model: { layers, param_groups: [[0, 1, 2, 3, 4], [5]] }, trainBn: false },
  ],
];

test('programs whose graphs differ have different keys', () => {
  const before = store;
  const found: { what: string; key: string; content: string }[] = [];
  const learners = variants.map(([what, { frozen = [0], ...options }]) => {
    const put = (key: string, program: CompiledProgram) =>
      found.push({ what, key, content: encodeGraphFile(program).toString('hex') });
    store = { get: () => null, put, remove: () => undefined, keyOf: () => null, setKeyOf: () => undefined };
    const learn = learner({ model: { preset: 'mlp', hidden: [3] }, ...options });
    learn.prepare(frozen);
    return learn; // its graph is in use, and so in nobody's way
  });
  store = before;
  for (const learn of learners) learn.dispose();
  assert.equal(found.length, variants.length);
  const byKey = new Map<string, (typeof found)[number]>();
  for (const each of found) {
    const other = byKey.get(each.key);
    assert.ok(other === undefined || other.content === each.content, `${each.what} has the key of ${other?.what}`);
    byKey.set(each.key, each);
  }
});

const damages: [what: string, damage: (file: string) => void][] = [
  ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, -7))],
  ['emptied', (file) => writeFileSync(file, '')],
  [
    'changed in one bit',
    (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] ^= 4;
      writeFileSync(file, bytes);
    },
  ],
  [
    'whole, but no graph of TensorFlow’s',
    (file) => {
      const sound = new GraphStore(folder, 1e9).get(keyOf(file))!;
      writeFileSync(file, encodeGraphFile({ ...sound, graph: Buffer.from('nothing') }));
    },
  ],
];
const keyOf = (file: string): string => /([0-9a-f]{64})\.graph$/.exec(file)![1];

test('a file that is damaged, in whatever way, is made anew', async () => {
  const [options] = [{ model: { preset: 'mlp', hidden: [7] } }];
  const known = new Set(readdirSync(folder));
  const kept = [learner(options)];
  const expected = await numbers(kept[0]);
  const file = join(
    folder,
    readdirSync(folder).find((name) => !known.has(name))!,
  );
  const sound = readFileSync(file);
  for (const [what, damage] of damages) {
    damage(file);
    made = 0;
    kept.push(learner(options)); // those before it are in use, so that it looks for the file
    assert.deepEqual(await numbers(kept.at(-1)!), expected, what);
    assert.equal(made, 1, what);
    assert.ok(readFileSync(file).equals(sound), what);
  }
  for (const learn of kept) learn.dispose();
});

test('files that two processes write at once are whole whenever they are read', async () => {
  const shared = mkdtempSync(join(folder, 'shared-'));
  const program = { convolves: false, elements: 1, functions: {}, read: nothing, write: nothing };
  const script = (text: string) => `
    import { GraphStore } from '${new URL('../../../src/engine/native/graphs/graph-store.js', import.meta.url).href}';
    const store = new GraphStore(${JSON.stringify(shared)}, 1e9);
    const program = { ...${JSON.stringify(program)}, graph: Buffer.alloc(3e5, '${text}') };
    for (let i = 0; i < 40; i++) {
      store.put('one', program);
      const found = store.get('one');
      if (found === null || !found.graph.every((byte) => byte === found.graph[0])) throw new Error('not whole');
    }`;
  const run = (text: string) => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script(text)]);
  await Promise.all([run('a'), run('b')]);
  assert.deepEqual(readdirSync(shared), ['one.graph']);
});
const nothing = { specs: [], inputs: [], outputs: [] };

test('beyond the bound, those go that were used longest ago, and what a process left half-written', () => {
  const small = mkdtempSync(join(folder, 'small-'));
  const program = {
    convolves: false,
    elements: 1,
    functions: {},
    read: nothing,
    write: nothing,
    graph: Buffer.alloc(1e4),
  };
  const bounded = new GraphStore(small, 2.5e4);
  const age = (name: string, seconds: number) =>
    utimesSync(join(small, name), new Date(), new Date(Date.now() - seconds * 1000));
  writeFileSync(join(small, 'old.graph.x.tmp'), 'half');
  writeFileSync(join(small, 'new.graph.x.tmp'), 'half');
  age('old.graph.x.tmp', 7200);
  for (const key of ['a', 'b']) bounded.put(key, program);
  age('a.graph', 100);
  age('b.graph', 50);
  assert.ok(bounded.get('a'));
  bounded.put('c', program);
  assert.deepEqual(readdirSync(small).sort(), ['a.graph', 'c.graph', 'new.graph.x.tmp']);
  bounded.put('large', { ...program, graph: Buffer.alloc(3e4) });
  assert.equal(bounded.get('large'), null);
});
