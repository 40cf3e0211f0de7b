import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changed } from '../../web/src/charts/zoom-range.js';
import { valueAt } from '../../web/src/charts/line.js';
import { Column } from '../../web/src/charts/column.js';
import * as preview from '../../web/src/form/preview.js';
import { after, stretched } from '../../web/src/state/ahead.js';
import { byEpoch, Curves, distinctGroups, varies } from '../../web/src/state/curves.js';
import { bytes, duration, number, percent } from '../../web/src/state/format.js';
import { withPage } from '../../web/src/state/job-list.js';
import { marksOf } from '../../web/src/state/marks.js';
import { Smoothed } from '../../web/src/state/smooth.js';
import { spliced } from '../../web/src/state/splice.js';
import { tagChanges } from '../../web/src/state/tags.js';
import type { Frame, Metrics } from '../../src/client/index.js';

const batches = (first: number, losses: (number | null)[], lr = [0.1], epoch = 0): Frame => ({
  type: 'batches',
  seq: first,
  attempt: 1,
  phase: 0,
  iteration: losses.map((_, i) => first + i),
  epoch: losses.map(() => epoch),
  raw_loss: losses,
  loss: losses,
  hypers: { lr: lr.map((value) => losses.map(() => value)) },
});
const epochFrame = (epoch: number, valid_loss: number | null): Frame => ({
  type: 'epoch',
  seq: 0,
  attempt: 1,
  phase: 0,
  epoch,
  train_loss: 1,
  valid_loss,
  metrics: { accuracy: 0.5 },
  seconds: 1,
});

describe('curves from frames', () => {
  const cases: Record<string, { frames: Frame[]; iteration: number[]; raw: number[]; epochs: number[] }> = {
    'frames follow one another': {
      frames: [batches(0, [3, 2]), epochFrame(0, 1), batches(2, [1])],
      iteration: [0, 1, 2],
      raw: [3, 2, 1],
      epochs: [0],
    },
    'an attempt that starts again replaces iterations and epochs': {
      frames: [
        batches(0, [3, 2]),
        epochFrame(0, 1),
        batches(2, [9, 9]),
        epochFrame(1, 1),
        { type: 'rewind', seq: 5, attempt: 2, iteration: 2, epoch: 1 },
        batches(2, [1]),
      ],
      iteration: [0, 1, 2],
      raw: [3, 2, 1],
      epochs: [0],
    },
    'a rewind to the start leaves nothing': {
      frames: [batches(0, [3, 2]), epochFrame(0, 1), { type: 'rewind', seq: 5, attempt: 2, iteration: 0, epoch: 0 }],
      iteration: [],
      raw: [],
      epochs: [],
    },
    'a loss that is not finite is no number': {
      frames: [batches(0, [3, null])],
      iteration: [0, 1],
      raw: [3, NaN],
      epochs: [],
    },
  };
  for (const [name, { frames, iteration, raw, epochs }] of Object.entries(cases))
    test(name, () => {
      const curves = new Curves();
      for (const frame of frames) ok(curves.add(frame));
      deepEqual([...curves.iteration.values()], iteration);
      deepEqual([...curves.rawLoss.values()], raw);
      deepEqual(
        curves.epochs.map(({ epoch }) => epoch),
        epochs,
      );
      equal(curves.hypers.get('lr')?.[0].length, iteration.length);
    });

  test('a hyper that comes up later had no values before', () => {
    const curves = new Curves();
    curves.add(batches(0, [1, 1]));
    curves.add({ ...batches(2, [1]), hypers: { lr: [[0.1]], mom: [[0.9], [0.8]] } } as Frame);
    curves.add(batches(3, [1]));
    deepEqual([...curves.hypers.get('mom')![1].values()], [NaN, NaN, 0.8, NaN]);
  });

  test('merged frames say what they leave out', () => {
    const curves = new Curves();
    curves.add({ ...batches(0, [1, 1]), from: 0, left_out: 7 } as Frame);
    equal(curves.leftOut, 7);
  });

  test('an epoch stands at its last iteration', () => {
    const curves = new Curves();
    curves.add(batches(0, [1, 1, 1]));
    curves.add(epochFrame(0, 0.5));
    curves.add(batches(3, [1, 1], [0.1], 1));
    curves.add(epochFrame(1, null));
    const { x, y } = byEpoch(curves, ({ valid_loss }) => valid_loss);
    deepEqual([[...x.values()], [...y.values()]], [[2], [0.5]]);
  });

  test('equal groups are one line, and what does not vary is none', () => {
    const [a, b] = [Column.from([1, 2]), Column.from([1, 3])];
    deepEqual(
      distinctGroups([a, b, Column.from([1, 2])]).map(({ groups }) => groups),
      [[0, 2], [1]],
    );
    equal(varies(a), true);
    equal(varies(Column.from([5, 5, NaN])), false);
  });
});

test('smoothing is fastai’s, whether the values come at once or one by one', () => {
  const raw = [4, 2, NaN, 8];
  const all = new Smoothed(Column.from(raw), 0.9).update();
  const source = new Column();
  const live = new Smoothed(source, 0.9);
  for (const value of raw) {
    source.push(value);
    live.update();
  }
  deepEqual([...live.column.values()], [...all.values()]);
  const second = (0.9 * 0.1 * 4 + 0.1 * 2) / (1 - 0.9 ** 2);
  deepEqual(
    [...all.values()].slice(0, 3).map((value) => value.toFixed(12)),
    [4, second, second].map((value) => value.toFixed(12)),
  );
});

describe('a list that is read by pages', () => {
  const rows = (...ids: string[]) => ids.map((id) => ({ id }));
  const ids = ({ rows }: { rows: readonly { id: string }[] }) => rows.map(({ id }) => id).join('');
  const cases: [string, string, boolean, { page: string; more: boolean; after?: string }, string, boolean][] = [
    ['the first page', '', false, { page: 'abc', more: true }, 'abc', true],
    ['a further page', 'abc', true, { page: 'de', more: false, after: 'c' }, 'abcde', false],
    ['a new row at the head pushes the rest down', 'abcde', true, { page: 'Nab', more: true }, 'Nabcde', true],
    ['a row that is gone from the head', 'abcde', true, { page: 'acd', more: true }, 'acde', true],
    ['rows in the middle that changed places', 'abcde', false, { page: 'dc', more: true, after: 'b' }, 'abdce', false],
    ['a head of new rows alone', 'abc', false, { page: 'XYZ', more: true }, 'XYZabc', false],
    ['a short list is the whole list', 'abcde', true, { page: 'ab', more: false }, 'ab', false],
    ['the end of a list', 'abcde', true, { page: 'd', more: false, after: 'c' }, 'abcd', false],
  ];
  for (const [name, before, hasMore, { page, more, after }, expected, moreAfter] of cases)
    test(name, () => {
      const next = withPage(
        { rows: rows(...Array.from(before)), hasMore },
        { data: rows(...Array.from(page)), has_more: more },
        after,
      );
      equal(ids(next), expected);
      equal(next.hasMore, moreAfter);
    });
});

test('a part in full within the whole thinned', () => {
  const metrics = (iteration: number[], raw_loss: number[], epochs: number[] = []): Metrics => ({
    iteration,
    raw_loss,
    loss: raw_loss,
    epoch: iteration.map(() => 0),
    phase: iteration.map(() => 0),
    seconds: iteration.map(() => null),
    hypers: { lr: [raw_loss] },
    epochs: epochs.map((epoch) => ({
      epoch,
      phase: 0,
      train_loss: 1,
      valid_loss: 1,
      metrics: {},
      seconds: 1,
    })),
  });
  const whole = metrics([0, 10, 20, 30], [1, 1, 1, 1], [0, 2]);
  const part = spliced(whole, metrics([9, 10, 11, 12], [5, 6, 7, 8], [1, 2]));
  deepEqual(part.iteration, [0, 9, 10, 11, 12, 20, 30]);
  deepEqual(part.hypers.lr[0], [1, 5, 6, 7, 8, 1, 1]);
  deepEqual(
    part.epochs.map(({ epoch }) => epoch),
    [0, 1, 2],
  );
  equal(spliced(whole, metrics([], [])), whole);
  deepEqual(spliced(whole, { ...metrics([10, 11], [6, 7]), hypers: {} }).hypers.lr[0], [1, null, null, 1, 1]);
});

test('marks: phases where there are several, attempts once, checkpoints', () => {
  const phase = (phase: number, n_iteration: number, frozen_to: number) => ({
    phase,
    n_epoch: 1,
    n_iteration,
    frozen_to,
  });
  const marks = marksOf(
    {
      phases: [phase(0, 22, 1), phase(1, 44, 0)],
      resumed: [{ attempt: 2, from: 'ckpt_1', iteration: 30, equality: 'exact' }],
    },
    [{ attempt: 2, iteration: 30 }],
    [{ iteration: 22, reason: 'phase', name: null }],
  );
  deepEqual(
    marks.map(({ at, label, kind }) => [at, label, kind]),
    [
      [0, 'phase 0: groups below 1 frozen', 'phase'],
      [22, 'phase 1: all groups train', 'phase'],
      [30, 'attempt 2', 'attempt'],
      [22, 'checkpoint phase', 'point'],
    ],
  );
  deepEqual(marksOf({ phases: [phase(0, 22, 0)] }, [], []), []);
});

test('a schedule that is yet to come', () => {
  const schedule = stretched({ hypers: { lr: [[1, 2, 3, 4]] } }, 400);
  deepEqual([...schedule.x.values()], [0, 100, 200, 300]);
  const rest = after(schedule, 150);
  deepEqual(
    [[...rest.x.values()], [...rest.hypers.get('lr')![0].values()]],
    [
      [200, 300],
      [3, 4],
    ],
  );
  deepEqual(preview.withFoundRate({ name: 'fit', lr: { lr_find: 'valley' } }, 0.003), { name: 'fit', lr: 0.003 });
});

test('zooming and moving stay within what there is', () => {
  const full = [0, 100] as const;
  deepEqual(changed([0, 100], full, { factor: 0.5 }), [25, 75]);
  deepEqual(changed([25, 75], full, { factor: 0.5, at: 0 }), [25, 50]);
  deepEqual(changed([25, 75], full, { by: 1 }), [50, 100]);
  equal(changed([25, 75], full, { factor: 2 }), null);
});

test('the value of a line at a place is that of the last point before it', () => {
  const line = { x: Column.from([0, 10, 20]), y: Column.from([5, 6, 7]) };
  deepEqual(
    [-1, 0, 9.9, 10, 20, 21].map((at) => valueAt(line, at)),
    [null, 5, 5, 6, 7, null],
  );
});

test('tags are changed, not replaced', () => {
  deepEqual(
    tagChanges({ team: 'vision', old: 'x', same: '1' }, [
      ['team', 'sound'],
      ['same', '1'],
      [' new ', 'y '],
      ['', 'ignored'],
    ]),
    { old: null, team: 'sound', new: 'y' },
  );
});

test('numbers, spans and sizes as a reader wants them', () => {
  deepEqual([0, 0.123456, 12, 1234.5678, 5.03e-11, 2e7, null, NaN].map(number), [
    '0',
    '0.1235',
    '12',
    '1235',
    '5.03e-11',
    '2e7',
    '–',
    'NaN',
  ]);
  deepEqual([4.21, 59, 200, 7500, 200_000].map(duration), ['4.2 s', '59 s', '3 min 20 s', '2 h 5 min', '2 d 7 h']);
  deepEqual([812, 1400, 2_500_000].map(bytes), ['812 B', '1.40 kB', '2.50 MB']);
  deepEqual([0, 9.96, 45.4, 100].map(percent), ['0.0 %', '10.0 %', '45 %', '100 %']);
});
