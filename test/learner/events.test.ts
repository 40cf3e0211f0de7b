/** The loop: fastai's events in fastai's order, its signals, and the clean-up whatever happens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cancelBatch,
  cancelEpoch,
  cancelFit,
  cancelTrain,
  cancelValidate,
  events,
  type Callback,
  type CancelSignal,
  type Event,
} from '../../src/learner/index.js';
import { synthLearner } from './learners.js';

const small = () => synthLearner({ trainRows: 160, batchSize: 80, dataset: { synthetic: { rows: 200 } } });

/** Writes down every event, and throws where it is told to. */
function spy(throwAt?: Event, error?: () => Error): Callback & { seen: string[] } {
  const seen: string[] = [];
  const listen =
    (event: Event) =>
    ({ training }: { training: boolean }) => {
      seen.push(event.endsWith('batch') && !training ? `${event} (valid)` : event);
      if (event === throwAt) throw error!();
    };
  return {
    name: 'spy',
    seen,
    cleanup: () => void seen.push('cleanup'),
    ...Object.fromEntries(events.map((event) => [event, listen(event)])),
  };
}

async function seen(throwAt?: Event, error?: () => CancelSignal, epochs = 1): Promise<string[]> {
  const learn = small();
  const callback = spy(throwAt, error);
  await learn.fit(epochs, { callbacks: [callback] });
  learn.dispose();
  return callback.seen;
}

const train = ['before_train', 'before_batch', 'after_batch', 'before_batch', 'after_batch', 'after_train'];
const validate = ['before_validate', 'before_batch (valid)', 'after_batch (valid)', 'after_validate'];

test('an epoch’s events', async () => {
  assert.deepEqual(await seen(), [
    'before_fit',
    'before_epoch',
    ...train,
    ...validate,
    'after_epoch',
    'after_fit',
    'cleanup',
  ]);
});

const end = ['after_fit', 'cleanup'];
const cancelled: [what: string, at: Event, signal: () => CancelSignal, expected: string[]][] = [
  [
    'a batch: each goes untrained, its after_batch comes',
    'before_batch',
    cancelBatch,
    [
      'before_fit',
      'before_epoch',
      'before_train',
      ...['before_batch', 'after_cancel_batch', 'after_batch'],
      ...['before_batch', 'after_cancel_batch', 'after_batch'],
      'after_train',
      'before_validate',
      'before_batch (valid)',
      'after_cancel_batch (valid)',
      'after_batch (valid)',
      'after_validate',
      'after_epoch',
      ...end,
    ],
  ],
  [
    'training: validation follows',
    'before_train',
    cancelTrain,
    [
      'before_fit',
      'before_epoch',
      'before_train',
      'after_cancel_train',
      'after_train',
      ...validate,
      'after_epoch',
      ...end,
    ],
  ],
  [
    'validation',
    'before_validate',
    cancelValidate,
    [
      'before_fit',
      'before_epoch',
      ...train,
      'before_validate',
      'after_cancel_validate',
      'after_validate',
      'after_epoch',
      ...end,
    ],
  ],
  [
    'an epoch',
    'after_train',
    cancelEpoch,
    ['before_fit', 'before_epoch', ...train, 'after_cancel_epoch', 'after_epoch', ...end],
  ],
  [
    'the fit, from a batch',
    'before_batch',
    cancelFit,
    ['before_fit', 'before_epoch', 'before_train', 'before_batch', 'after_cancel_fit', ...end],
  ],
  [
    'the fit, from an epoch’s end',
    'after_epoch',
    cancelFit,
    ['before_fit', 'before_epoch', ...train, ...validate, 'after_epoch', 'after_cancel_fit', ...end],
  ],
];
for (const [what, at, signal, expected] of cancelled) {
  test(`cancelling ${what}`, async () => assert.deepEqual(await seen(at, signal), expected));
}

test('a cancelled epoch is followed by the next, a cancelled fit by none', async () => {
  const count = (events: string[]) => events.filter((event) => event === 'before_epoch').length;
  assert.equal(count(await seen('before_train', cancelEpoch, 3)), 3);
  assert.equal(count(await seen('before_train', cancelFit, 3)), 1);
});

test('an error is no signal: it comes out, after every callback has cleaned up', async () => {
  const learn = small();
  const [one, other] = [spy(), spy('after_batch', () => new Error('a bug'))];
  await assert.rejects(learn.fit(1, { callbacks: [one, other] }), /a bug/);
  assert.deepEqual([one.seen.at(-1), other.seen.at(-1)], ['cleanup', 'cleanup']);
  assert.ok(!one.seen.some((event) => event.startsWith('after_cancel') || event === 'after_fit'));
  await learn.fit(1);
  assert.equal(learn.recorder.batches.length, 2, 'the Learner goes on from there');
  learn.dispose();
});

test('callbacks run by order, within one order as given; a batch’s events skip validation where asked to', async () => {
  const learn = small();
  const seen: string[] = [];
  const callback = (name: string, order?: number, runValid?: boolean): Callback => ({
    name,
    ...(order !== undefined && { order }),
    ...(runValid !== undefined && { runValid }),
    after_batch: ({ training }) => void seen.push(`${name} ${training ? 'train' : 'valid'}`),
  });
  await learn.fit(1, { callbacks: [callback('late', 90), callback('b'), callback('c'), callback('early', -1, false)] });
  const batch = ['early train', 'b train', 'c train', 'late train'];
  assert.deepEqual(seen, [...batch, ...batch, 'b valid', 'c valid', 'late valid']);
  learn.dispose();
});

test('where training is, callbacks can see', async () => {
  const learn = small();
  const positions: number[][] = [];
  await learn.fit(2, {
    callbacks: [
      {
        name: 'look',
        runValid: false,
        after_batch: ({ epoch, nEpoch, fitIteration, iterationsDone }) =>
          void positions.push([epoch, nEpoch, fitIteration, iterationsDone]),
      },
    ],
  });
  assert.deepEqual(positions, [
    [0, 2, 1, 1],
    [0, 2, 2, 2],
    [1, 2, 3, 3],
    [1, 2, 4, 4],
  ]);
  await learn.fit(3, { startEpoch: 2 });
  assert.deepEqual([learn.fitIteration, learn.iterationsDone, learn.epochsDone], [6, 6, 3]);
  learn.dispose();
});
