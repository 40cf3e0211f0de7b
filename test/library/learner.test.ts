/** The short way in: a Learner of a data set and a model by name, and fastai's methods on it, on real TensorFlow. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { zipOf } from '../../src/models/formats/zip-of.js';
import { Learner, loadLearner, type Callback, type CreateOptions } from '../../src/library/index.js';
import { ProgressCallback } from '../../src/library/progress.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-library-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = fileURLToPath(new URL('../../..', import.meta.url));

const iris = (more: Partial<CreateOptions> = {}) =>
  Learner.create({ data: 'iris', model: { preset: 'mlp', hidden: [8] }, batchSize: 16, logging: false, ...more });
const bits = (learn: Learner) =>
  structuredClone({ values: learn.snapshot().values, optimizer: learn.snapshot().optimizer });

test('find a rate, train at it, validate, predict', async () => {
  const learn = await iris();
  const untouched = bits(learn);
  const found = await learn.lrFind();
  assert.deepEqual(bits(learn), untouched);
  assert.equal(found.valley, found.suggestions.valley);
  assert.ok(found.valley !== null && found.valley > 1e-5);

  await learn.fitOneCycle(8, { lrMax: 0.05, pctStart: 0.3, callbacks: [{ name: 'early_stopping', patience: 100 }] });
  const { loss, metrics } = await learn.validate();
  const last = learn.recorder.epochs.at(-1)!;
  assert.ok(Math.abs(loss - last.valid_loss!) < 1e-9);
  assert.deepEqual(metrics, last.metrics);
  assert.ok(metrics.accuracy > 0.8);

  const { preds, targets } = await learn.getPreds();
  const names = preds.map((pred) => ('class' in pred ? pred.class : ''));
  const right = names.filter((name, i) => name === String(targets[i])).length;
  assert.ok(Math.abs(right / targets.length - metrics.accuracy) < 1e-9);
  const [setosa] = await learn.predict([Float32Array.of(5.1, 3.5, 1.4, 0.2)]);
  assert.ok('class' in setosa && setosa.class === '0');
  learn.dispose();
});

test('a rate that a finder is to suggest, and a number alone', async () => {
  const [one, other] = [await iris(), await iris()];
  await one.fitOneCycle(2, { lrMax: { lr_find: 'steep' } });
  const { steep } = await other.lrFind();
  await other.fitOneCycle(2, steep!);
  assert.deepEqual(bits(one), bits(other));
  assert.equal(Math.max(...one.recorder.lrs) <= steep!, true);
  // Two epochs of 7 batches: the finder's curve is no part of the last fit.
  assert.deepEqual([one.recorder.lrs.length, one.recorder.hps.mom.length, one.recorder.values.length], [14, 14, 2]);
  one.dispose();
  other.dispose();
});

test('save and load: what goes on has the bits of what never stopped', async () => {
  const path = join(folder, 'models', 'iris.safetensors');
  const learn = await iris();
  await learn.fit(1, 0.01);
  await learn.save(path);
  const other = await iris();
  await other.load(path);
  assert.deepEqual(bits(other).values, bits(learn).values);
  assert.deepEqual(other.optimizer.state(), learn.optimizer.state());
  await other.load(path, { withOpt: false });
  const model = await loadLearner(path);
  const row = [[6, 3, 4, 1.5]];
  assert.deepEqual(await model.predict(row), await learn.predict(row));
  await learn.fit(2, 0.1);
  assert.notDeepEqual(await model.predict(row), await learn.predict(row), 'predict sees the model as it stands');
  assert.deepEqual(readdirSync(join(folder, 'models')), ['iris.safetensors'], 'nothing unfinished lies about');
  for (const each of [learn, other, model]) each.dispose();
});

test('export: by the ending of the path', async () => {
  const learn = await iris();
  for (const name of ['iris.onnx', 'iris.safetensors', 'iris.zip', 'tfjs']) await learn.export(join(folder, name));
  const start = (name: string) => readFileSync(join(folder, name)).subarray(0, 4).toString('latin1');
  assert.equal(start('iris.zip'), 'PK\x03\x04');
  const { format } = JSON.parse(readFileSync(join(folder, 'tfjs', 'model.json'), 'utf8')) as { format: string };
  assert.deepEqual([format, existsSync(join(folder, 'tfjs', 'weights.bin'))], ['layers-model', true]);
  const model = await loadLearner(join(folder, 'iris.safetensors'));
  const row = [[6, 3, 4, 1.5]];
  assert.deepEqual(await model.predict(row), await learn.predict(row));
  learn.dispose();
  model.dispose();
});

test('a CSV by its path: columns are guessed, rows are predicted by name', async () => {
  const path = join(folder, 'fruit.csv');
  const rows = Array.from({ length: 60 }, (_, i) => (i % 2 ? `${150 + i},yellow,lemon` : `${20 + i / 2},red,cherry`));
  writeFileSync(path, ['grams,colour,fruit', ...rows].join('\n'));
  const data = { path, target: 'fruit' };
  const learn = await Learner.create({ data, model: 'tabular', batchSize: 8, logging: false });
  await learn.fit(4, 0.02);
  const [cherry] = await learn.predict([{ grams: 30, colour: 'red' }]);
  assert.ok('class' in cherry && cherry.class === 'cherry');
  await assert.rejects(learn.predict([{ grams: 'heavy', colour: 'red' }]), { code: 'invalid_rows', message: /grams/ });
  const wrong = Learner.create({ data: { path, target: 'frut' }, model: 'tabular' });
  await assert.rejects(wrong, { code: 'invalid_spec', message: /\/data\/target must be a column.*fruit/ });
  learn.dispose();
});

test('a folder of pictures: labels by folder, a picture is predicted from its file', async () => {
  const pictures = join(folder, 'pictures');
  const { mkdir } = await import('node:fs/promises');
  const draw = (path: string, background: string) =>
    sharp({ create: { width: 10, height: 10, channels: 3, background } })
      .png()
      .toFile(path);
  for (const colour of ['blue', 'red']) {
    await mkdir(join(pictures, colour), { recursive: true });
    for (let i = 0; i < 10; i++) await draw(join(pictures, colour, `${i}.png`), colour);
  }
  const learn = await Learner.create({
    data: { path: pictures },
    model: { preset: 'cnn', channels: [4] },
    split: { stratified: true, valid_pct: 0.2 },
    batchSize: 4,
    logging: false,
  });
  await learn.fit(6, 0.02);
  const [red] = await learn.predict(join(pictures, 'red', '0.png'));
  assert.ok('class' in red && red.class === 'red');
  assert.deepEqual(readdirSync(pictures), ['blue', 'red'], 'nothing is put into the folder');
  learn.dispose();
});

test('archives of pictures are unpacked apart from one another, and nothing is put beside them', async () => {
  const archives = mkdtempSync(join(folder, 'archives-'));
  const learners: Learner[] = [];
  for (const [name, colours] of Object.entries({ warm: ['red', 'orange'], cold: ['blue', 'cyan'] })) {
    const files = [];
    for (const background of colours) {
      const image = sharp({ create: { width: 10, height: 10, channels: 3, background } });
      const png = await image.png().toBuffer();
      for (let i = 0; i < 6; i++) files.push({ name: `${background}/${i}.png`, content: [png] });
    }
    const path = join(archives, `${name}.zip`);
    writeFileSync(path, await buffer(zipOf(files)));
    const model = { preset: 'cnn', channels: [4] };
    learners.push(await Learner.create({ data: { path }, model, batchSize: 4, logging: false }));
    await learners.at(-1)!.fit(1);
  }
  assert.deepEqual(readdirSync(archives), ['cold.zip', 'warm.zip']);
  // What each is made of is in its own folder: a batch of blue and cyan has no red.
  const [batch] = learners[1].options.data.train.epoch(0);
  const { x } = await batch;
  assert.equal(Math.max(...x.filter((_, i) => i % 3 === 0)), 0);
  for (const learn of learners) learn.dispose();
});

test('plots are SVG, of the last fit', async () => {
  const learn = await iris();
  await learn.lrFind({ numIt: 40 });
  await learn.fitOneCycle(2);
  const [loss, sched, found] = [
    await learn.recorder.plotLoss({ showEpochs: true }),
    await learn.recorder.plotSched(),
    await learn.recorder.plotLrFind(),
  ];
  for (const svg of [loss, sched, found]) assert.match(svg, /^<svg[^]*<\/svg>$/);
  assert.match(sched, /iteration: lr, mom</, 'what does not change is left out');
  assert.match(await learn.recorder.plotSched(['wd']), /iteration: wd</);
  assert.match(found, />valley: /);
  learn.dispose();
});

/** What is written, as a terminal or not. */
class Written extends Writable {
  text = '';
  columns = 80;
  constructor(readonly isTTY: boolean) {
    super();
  }
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  cursorTo = () => true;
  clearLine = () => true;
  moveCursor = () => true;
}

test('fastai’s table, and on a terminal a bar', async () => {
  const learn = await iris();
  const shown = async (isTTY: boolean): Promise<string> => {
    const out = new Written(isTTY);
    await learn.fit(2, { callbacks: [new ProgressCallback(out as unknown as NodeJS.WriteStream)] });
    return out.text;
  };
  const [head, first, second, ...rest] = (await shown(false)).trimEnd().split('\n');
  assert.match(head, /^epoch +train_loss +valid_loss +accuracy +time$/);
  assert.match(first, /^0 +\d\.\d{6} +\d\.\d{6} +\d\.\d{6} +00:0\d$/);
  assert.match(second, /^1 /);
  assert.deepEqual(rest, []);
  assert.match(await shown(true), /Epoch 2\/2 .*loss/);
  learn.dispose();
});

test('callbacks by name and as they are; what is compiled into the step; noLogging gives back what it ran', async () => {
  const seen: string[] = [];
  const mine: Callback = { name: 'mine', after_epoch: ({ epoch }) => void seen.push(`epoch ${epoch}`) };
  const callbacks: CreateOptions['callbacks'] = [{ name: 'gradient_clip', max_norm: 1 }, mine, { name: 'save_best' }];
  const learn = await iris({ callbacks, optimizer: 'sgd', loss: 'label_smoothing' });
  assert.equal(await learn.noLogging(async () => (await learn.fineTune(1), 'done')), 'done');
  assert.deepEqual(seen, ['epoch 0', 'epoch 0']);
  assert.ok(learn.options.step && Object.keys(learn.options.step).length === 1);
  assert.equal(learn.optimizer.spec.name, 'sgd');
  learn.dispose();
});

test('where WebAssembly runs because nothing else is there, a line on stderr says so and how to fix it', async () => {
  const script = `const { Learner } = await import('onecycle/learner');
    const options = { data: 'iris', model: 'linear' };
    const [learn] = [await Learner.create(options), await Learner.create(options)];
    console.log(learn.options.engine.name);`;
  const env = { ...process.env, ONECYCLE_CACHE_DIR: join(folder, 'empty'), ONECYCLE_ENGINE: '' };
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  assert.equal(stdout.trim(), 'wasm');
  assert.equal(stderr.match(/npx onecycle engine install/g)?.length, 1, stderr);
});
