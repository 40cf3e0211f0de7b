/** The parts of the command line that are functions: charts, numbers, settings, differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from '../../src/cli/differences.js';
import { unchecked, withSettings } from '../../src/cli/spec-file.js';
import { chart, resample } from '../../src/cli/terminal/chart.js';
import { age, bytes, duration, short } from '../../src/cli/terminal/format.js';
import { cut, plain } from '../../src/cli/terminal/style.js';
import { table } from '../../src/cli/terminal/table.js';

test('values are short and whole', () => {
  const cases: [written: string, expected: string][] = [
    [short(0.003), '0.003'],
    [short(0.005248), '0.00525'],
    [short(5.2e-7), '5.2e-7'],
    [short(1e-6), '1e-6'],
    [short(0), '0'],
    [short(100), '100'],
    [short(1200), '1200'],
    [short(1e8), '1e8'],
    [short(-0.25), '-0.25'],
    [duration(0.0041), '5 ms'],
    [duration(4.21), '4.2 s'],
    [duration(59.4), '59 s'],
    [duration(187), '3:07'],
    [duration(3723), '1:02:03'],
    [age(59_000), '59s'],
    [age(3 * 86_400_000), '3d'],
    [bytes(512), '512 B'],
    [bytes(3_400_000), '3.4 MB'],
  ];
  for (const [written, expected] of cases) assert.equal(written, expected);
});

test('--set changes fields by their paths', () => {
  const spec = { policy: { name: 'fit', lr: 1 }, callbacks: [{ name: 'mixup' }] };
  const cases: [setting: string, changed: object][] = [
    ['policy.lr=0.01', { policy: { name: 'fit', lr: 0.01 } }],
    ['policy.lr={"lr_find":"valley"}', { policy: { name: 'fit', lr: { lr_find: 'valley' } } }],
    ['name=a=b', { name: 'a=b' }],
    ['callbacks.0.alpha=0.4', { callbacks: [{ name: 'mixup', alpha: 0.4 }] }],
    ['split.valid_pct=0.1', { split: { valid_pct: 0.1 } }],
  ];
  for (const [setting, changed] of cases)
    assert.deepEqual(unchecked(withSettings(spec, [setting])), { ...spec, ...changed });
  for (const wrong of ['policy', '=1', 'policy..lr=1', 'callbacks.first=1', 'policy.name.x=1', '__proto__.x=1'])
    assert.throws(() => withSettings(spec, [wrong]), /--set/);
  assert.equal(spec.policy.lr, 1, 'the spec itself stays as it is');
});

test('what differs between specs, path by path', () => {
  const cases: [values: unknown[], expected: Record<string, unknown[]>][] = [
    [[{ a: 1 }, { a: 1 }], {}],
    [[{ a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }], { 'a.b': [1, 3] }],
    [[{ a: [1] }, { a: [1, 2] }, {}], { a: [[1], [1, 2], undefined] }],
    [[{ lr: 0.1 }, { lr: { lr_find: 'valley' } }], { lr: [0.1, { lr_find: 'valley' }] }],
  ];
  for (const [values, expected] of cases) assert.deepEqual(differences(values), expected);
});

test('a curve has a column for each position, up to where it has come', () => {
  const x = [0, 1, 2, 3, 4];
  assert.deepEqual(resample({ x, y: [5, 4, 3, 2, 1] }, 5, [0, 4]), [5, 4, 3, 2, 1]);
  assert.deepEqual(resample({ x: [0, 2], y: [5, 3] }, 5, [0, 4]), [5, 5, 3], 'gaps have the value before them');
  assert.deepEqual(
    resample({ x, y: [5, null, NaN, 2, 1] }, 5, [0, 4]),
    [5, 5, 5, 2, 1],
    'what is not finite has no place',
  );
  assert.deepEqual(resample({ x: [], y: [] }, 5, [0, 4]), []);
});

test('a chart stays in its width and height, also of a flat curve', () => {
  const x = Array.from({ length: 1000 }, (_, i) => i);
  for (const y of [x.map((i) => Math.sin(i / 50)), x.map(() => 0), x.map(() => 1e-9), x.map((i) => 1e9 * i)]) {
    const lines = chart([{ x, y }], { width: 50, height: 8, range: [0, 999] }).split('\n');
    assert.ok(lines.length >= 2 && lines.length <= 10, `${lines.length} lines`);
    assert.ok(lines.every((line) => line.length <= 60));
  }
  assert.equal(chart([{ x: [1], y: [NaN] }], { width: 50, height: 8, range: [0, 1] }), '');
});

test('marks stand at their values', () => {
  const drawn = chart([{ x: [0, 9], y: [0, 0] }], { width: 10, height: 4, range: [0, 9], marks: { x: [9], y: [4] } });
  const lines = drawn.split('\n');
  assert.equal(lines[0].indexOf('●'), 10 + 9);
  assert.equal(lines.filter((line) => line.includes('●')).length, 1);
});

test('lines are cut without harm to their colours', () => {
  const red = '\u001b[31m████████\u001b[39m and more';
  assert.equal(cut(red, 5), '\u001b[31m█████\u001b[39m');
  assert.equal(plain(cut(red, 10)), '████████ a');
  assert.equal(cut('short', 10), 'short');
});

test('tables are aligned and have no blanks at their ends', () => {
  assert.equal(
    table(
      ['name', 'n'],
      [
        ['a', '1'],
        ['bcd', '100'],
      ],
      [1],
    ),
    'name    n\na       1\nbcd   100',
  );
});
