/** Calls of the library with wrong arguments: each is answered in its own names, and nothing has trained. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fitOneCycle, Learner, loadLearner, LRFinder, OnecycleError, ParamScheduler } from '../../src/library/index.js';
import { plotSchedules } from '../../src/library/schedule.js';

let learn: Learner;
before(async () => {
  learn = await Learner.create({ data: 'iris', model: { preset: 'mlp', hidden: [4] } });
});
after(() => learn.dispose());

type Call = () => unknown;
/** What a script without types may do: the call, then the pointers, and words of the message. */
type Row = [name: string, call: Call, pointers: string[], words: RegExp];

const mlp = { preset: 'mlp' };
type Anything = (...args: unknown[]) => unknown;
/** Calls what a script without types may call with anything. */
const apply = (called: unknown, self: unknown, args: unknown[]): unknown => (called as Anything).apply(self, args);

/** `Learner.create` of anything. */
const create =
  (options?: unknown): Call =>
  () =>
    apply(Reflect.get(Learner, 'create'), Learner, [options]);
const digits = (more: object) => create({ data: 'digits', model: mlp, ...more });
/** A method of the Learner with anything. */
const method =
  (name: keyof Learner, ...args: unknown[]): Call =>
  () =>
    apply(Reflect.get(learn, name), learn, args);
const made =
  (Class: new (...args: never[]) => unknown, ...args: unknown[]): Call =>
  (): unknown =>
    Reflect.construct(Class, args);

const calls: Row[] = [
  ['no options', create(), [''], /must be given an object with data and model/],
  ['empty options', create({}), ['/data', '/model'], /\/data is required: the name of a built-in/],
  ['an option misspelt', create({ data: 'iris', modle: mlp }), ['/modle', '/model'], /known here: batchSize/],
  ['a data set that is none', create({ data: 'digitz', model: mlp }), ['/data'], /one of digits, iris/],
  ['data of another type', create({ data: 5, model: mlp }), ['/data'], /rows \{x, y\}/],
  ['data that name no source', create({ data: {}, model: mlp }), ['/data'], /rows \{x, y\}/],
  ['rows of two lengths', create({ data: { x: [[1, 2], [3]], y: [0, 1] }, model: mlp }), ['/data/x/1'], /length 2/],
  ['fewer y than x', create({ data: { x: [[1], [2]], y: [0] }, model: mlp }), ['/data/y'], /as many rows as x: 2/],
  ['rows without y', create({ data: { x: [[1]] }, model: mlp }), ['/data/y'], /must be a list/],
  [
    'no such file',
    create({ data: { path: '/nowhere.csv' }, model: mlp }),
    ['/data/path'],
    /there is no \/nowhere\.csv/,
  ],
  ['a preset misspelt', create({ data: 'digits', model: 'mpl' }), ['/model'], /must be one of linear, mlp/],
  ['a preset’s argument', digits({ model: { preset: 'mlp', hiden: [3] } }), ['/model/hiden'], /known here: .*hidden/],
  [
    'layers that the rows do not fit',
    digits({ model: { layers: [{ type: 'conv2d', filters: 4, kernel: 3 }] } }),
    ['/model/layers/0'],
    /takes \[height, width, channels\]/,
  ],
  ['an unknown metric', digits({ metrics: ['acuracy'] }), ['/metrics/0'], /must be one of accuracy/],
  ['a metric for values', digits({ metrics: ['accuracy', 'mae'] }), ['/metrics/1'], /mae is for values/],
  ['an unknown loss', digits({ loss: 'mes' }), ['/loss'], /must be one of cross_entropy/],
  ['an unknown optimizer', digits({ optimizer: 'adma' }), ['/optimizer'], /must be one of sgd/],
  ['a batch of nothing', digits({ batchSize: 0 }), ['/batchSize'], />= 1/],
  ['a batch that nothing fills', digits({ batchSize: 5000 }), ['/batchSize'], /or dropLast must be false/],
  ['a split of all', digits({ split: { valid_pct: 2 } }), ['/split/valid_pct'], /< 1/],
  ['an unknown callback', digits({ callbacks: [{ name: 'stop' }] }), ['/callbacks/0/name'], /early_stopping/],
  [
    'a monitor that nothing measures',
    digits({
      callbacks: [
        { name: 'mine', before_fit: () => undefined },
        { name: 'early_stopping', monitor: 'acc' },
      ],
    }),
    ['/callbacks/1/monitor'],
    /train_loss, valid_loss, accuracy/,
  ],
  ['an unknown engine', digits({ engine: 'torch' }), ['/engine'], /auto, tensorflow, wasm/],
  ['another engine', digits({ engine: 'wasm' }), ['/engine'], /must be tensorflow: a process has one/],
  ['a rate that is none', digits({ lr: 'x' }), ['/lr'], /finite number/],
  ['no parts', made(Learner, {}), ['/engine', '/model', '/data', '/loss'], /Learner\.create/],
  ['no options of the constructor', made(Learner), [''], /must be given its parts/],
  [
    'parts of something else',
    (): unknown =>
      Reflect.construct(Learner, [{ ...learn.options, data: { dataset: [], train: 5, valid: null }, metrics: ['x'] }]),
    ['/data/dataset', '/data/train', '/metrics/0'],
    /loadDataset/,
  ],
  ['the function without a Learner', () => apply(fitOneCycle, null, ['x']), ['/learn'], /must be a Learner/],
  [
    'the function without arguments',
    () => apply(fitOneCycle, null, [learn, { epochs: 3 }]),
    ['/n_epoch', '/epochs'],
    /n_epoch/,
  ],
  ['fitOneCycle of a word', method('fitOneCycle', 'x'), ['/nEpoch'], /^fitOneCycle: \/nEpoch must be an integer/],
  ['fitOneCycle of nothing', method('fitOneCycle'), ['/nEpoch'], /must be an integer, not nothing/],
  ['a negative rate', method('fitOneCycle', 0, -1), ['/nEpoch', '/lrMax'], /\/lrMax must be > 0/],
  ['a word for the rate', method('fitOneCycle', 1, 'fast'), [''], /must be a rate, or an object/],
  ['an argument misspelt', method('fitOneCycle', 1, { lrmax: 1 }), ['/lrmax'], /arguments are lrMax, div, pctStart/],
  ['rates for other groups', method('fitOneCycle', 1, { lrMax: [1, 2, 3] }), ['/lrMax'], /each of the 2/],
  ['moms of two', method('fitOneCycle', 1, { moms: [0.9, 0.8] }), ['/moms'], /fewer than 3/],
  ['a callback that is none', method('fit', 1, { callbacks: [5] }), ['/callbacks/0'], /its name and arguments/],
  ['a part of the step', method('fit', 1, { callbacks: [{ name: 'mixup' }] }), ['/callbacks/0'], /Learner\.create/],
  ['half an epoch', method('fit', 2.5), ['/nEpoch'], /integer/],
  ['no cycle length', method('fitSgdr', 3), ['/cycleLen'], /integer/],
  ['fineTune of words', method('fineTune', 'a', { baseLr: 'b' }), ['/epochs', '/baseLr'], /finite number/],
  ['fitFlatCos of a share', method('fitFlatCos', 1, { pctStart: 2 }), ['/pctStart'], /< 1/],
  ['a finder backwards', method('lrFind', { startLr: 2, endLr: 1 }), ['/startLr'], /must be below endLr/],
  ['an unknown suggestion', method('lrFind', { suggestFuncs: ['val'] }), ['/suggestFuncs/0'], /valley/],
  ['freezing by a word', method('freezeTo', 'x'), ['/index'], /from -2 to 2/],
  ['predicting nothing', method('predict', 5), [''], /list of rows/],
  ['predicting other rows', method('predict', [[1, 2]]), ['/x/0'], /length 4/],
  ['loading nothing', method('load', '/nowhere'), ['/path'], /cannot be read/],
  ['saving nowhere', method('save'), ['/path'], /must be a string/],
  ['an unknown format', method('export', '/tmp/x', { format: 'pkl' }), ['/format'], /safetensors, onnx/],
  ['loadLearner of nothing', () => loadLearner('/nowhere'), ['/path'], /cannot be read/],
  ['hypers that are none', made(ParamScheduler, { lrr: 5, mom: 3 }), ['/lrr', '/mom'], /hyperparameters are lr, mom/],
  ['a finder’s callback', made(LRFinder, { startLr: 3, endLr: 1 }), ['/startLr'], /below endLr/],
  ['a plot of no function', () => apply(plotSchedules, null, [{ cos: 5 }]), ['/cos'], /SchedLin/],
];

describe('each wrong call', () => {
  for (const [name, call, pointers, words] of calls) {
    test(name, async () => {
      const iterations = learn.iterationsDone;
      await assert.rejects(
        async () => await call(),
        (error) => {
          assert.ok(error instanceof OnecycleError, String(error));
          assert.deepEqual(
            error.problems.map(({ pointer }) => pointer),
            pointers,
            error.message,
          );
          assert.match(error.message, words);
          return true;
        },
      );
      assert.equal(learn.iterationsDone, iterations);
    });
  }
});

test('schedules for other groups than the model has fail the fit', async () => {
  const callbacks = [new ParamScheduler({ lr: [() => 1] })];
  await assert.rejects(learn.fit(1, { callbacks }), /one value per parameter group: 2, not 1/);
});

test('a second fit before the first has ended is refused, and the first goes on', async () => {
  const first = learn.fit(1);
  await assert.rejects(learn.fitOneCycle(1), { code: 'conflict', message: /await that first/ });
  await first;
});

test('what cannot be had yet says why', async () => {
  const fresh = await Learner.create({ data: 'iris', model: 'linear', split: { valid_pct: 0 } });
  await assert.rejects(fresh.recorder.plotLoss(), { code: 'not_available', message: /Too few batches/ });
  await assert.rejects(fresh.recorder.plotLrFind(), { code: 'not_available', message: /call lrFind first/ });
  await assert.rejects(fresh.validate(), { code: 'not_available', message: /no validation rows/ });
  await assert.rejects(learn.recorder.plotSched(['beta']), /must be one of lr, mom/);
  fresh.dispose();
});
