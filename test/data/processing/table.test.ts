/** What fastai leaves open, or fails at; what it does stands in test/golden/tabular.test.ts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { BatchLoader, isMade, processingOf, type Dataset, type RowValues } from '../../../src/data/index.js';
import { openTable, type TableRoles } from '../../../src/data/processing/table/open.js';
import { gatherColumn, textAt } from '../../../src/data/table/gather.js';
import { OnecycleError } from '../../../src/errors.js';
import { sourceOf, type PlainColumns } from '../tables.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-tables-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const people: PlainColumns = {
  sex: ['f', 'm', 'm', 'f', 'x', null],
  age: [20, 30, 40, 50, null, 60],
  rooms: [1, 2, 2, 1, 3, 1],
  kind: ['a', 'b', 'a', 'b', 'c', 'a'],
  price: [1, 2, 3, 4, 5, 6],
};
const roles: TableRoles = {
  categorical: ['sex', 'rooms'],
  continuous: ['age'],
  target: { kind: 'classes', column: 'kind' },
};
/** The first four rows train. */
const open = (columns = people, more: Partial<TableRoles> = {}, rowsPerPart = Infinity) =>
  openTable(sourceOf(columns, rowsPerPart), Int32Array.of(0, 1, 2, 3), { ...roles, ...more }, { rows: 6 });

/** The inputs, where they lie in memory. */
function numbersOf({ x }: Dataset): RowValues {
  assert.ok(!isMade(x));
  return x;
}

const isError = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof OnecycleError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

test('what is missing or unknown in rows that only validate has index 0, or the median, and no mark', async () => {
  const { dataset } = await open();
  const x = numbersOf(dataset);
  assert.deepEqual(dataset.features, { cardinalities: [3, 3], names: ['sex', 'rooms'], continuous: 1 });
  const rows = [4, 5].map((row) => [...x.subarray(row * 3, row * 3 + 3)]);
  assert.deepEqual(rows[0], [0, 0, 0], 'the median of 20 to 50 is their mean');
  assert.deepEqual(rows[1].slice(0, 2), [0, 1]);
  assert.ok(Math.abs(rows[1][2] - 25 / Math.sqrt(125)) < 1e-6);
});

test('a class that only validates is a class all the same', async () => {
  const { dataset, processing } = await open();
  assert.deepEqual([...dataset.y], [0, 1, 0, 1, 2, 0]);
  assert.deepEqual(processingOf(processing).vocabulary(processing), {
    target: { kind: 'classes', classes: 3 },
    names: ['a', 'b', 'c'],
  });
});

test('a column without any value, or of one value, stays finite', async () => {
  const { dataset } = await open({ ...people, age: [null, null, null, null, null, null], rooms: [2, 2, 2, 2, 2, 2] });
  assert.deepEqual(dataset.features?.cardinalities, [3, 2, 3]);
  assert.deepEqual([...numbersOf(dataset).subarray(0, 4)], [1, 1, 2, 0]);
});

test('rows that are too many for memory are read from a file, in the order that is asked for', async () => {
  const x = numbersOf((await open()).dataset);
  const { dataset } = await openTable(sourceOf(people, 4), Int32Array.of(0, 1, 2, 3), roles, {
    rows: 6,
    memoryBytes: 0,
    scratch: folder,
  });
  assert.ok(isMade(dataset.x));
  const rows = Int32Array.of(5, 0, 3);
  const loader = new BatchLoader({ dataset, rows, batchSize: 3 });
  let batches = 0;
  for (const made of loader.epoch(0)) {
    const batch = await made;
    assert.deepEqual([...batch.x], Array.from(rows, (row) => [...x.subarray(row * 3, row * 3 + 3)]).flat());
    assert.deepEqual([...batch.y], [0, 0, 1]);
    batches++;
  }
  assert.equal(batches, 1);
  loader.dispose();
});

test('a column is put together of parts, each with texts of its own', async () => {
  const columns = { sex: ['m', 'f', 'f', 'm', null, 'x'], age: [1, 2, null, 4, 5, 6] };
  for (const [name, expected] of Object.entries(columns)) {
    const column = await gatherColumn(sourceOf(columns, 2), name, 6);
    const texts = expected.map((_, row) => textAt(column, row) ?? null);
    assert.deepEqual(
      texts,
      expected.map((value) => (value === null ? null : String(value))),
    );
  }
  await assert.rejects(gatherColumn(sourceOf(columns, 2), 'age', 5), isError('bad_data', /number of rows/));
});

describe('a table that cannot be used is told of by row and column', () => {
  const values = { target: { kind: 'values', columns: ['price'] } } as const;
  const table: [string, () => Promise<unknown>, RegExp][] = [
    ['no such column', () => open(people, { continuous: ['weight'] }), /no column "weight"/],
    ['text for numbers', () => open(people, { continuous: ['sex'] }), /"sex" must be numbers/],
    [
      'a class is missing',
      () => open({ ...people, kind: ['a', 'b', null, 'b', 'c', 'a'] }),
      /Row 3 has no value.*"kind"/,
    ],
    [
      'a value is missing',
      () => open({ ...people, price: [1, 2, 3, 4, null, 6] }, values, 2),
      /Row 5 has no value.*"price"/,
    ],
    [
      'more rows than there were',
      () =>
        open({
          ...people,
          sex: [...people.sex, 'f'],
          age: [...people.age, 1],
          rooms: [...people.rooms, 1],
          kind: [...people.kind, 'a'],
        }),
      /number of rows/,
    ],
  ];
  for (const [name, call, words] of table) test(name, () => assert.rejects(call, isError('bad_data', words)));
});

describe('rows to predict', () => {
  const prepare = async (raw: Parameters<ReturnType<typeof processingOf>['prepare']>[1]) => {
    const { processing } = await open(
      { ...people, wet: [true, false, true, true, false, null] },
      { categorical: ['sex', 'rooms', 'wet'] },
    );
    return processingOf(processing).prepare(processing, raw);
  };
  const csv = (...lines: string[]) => ({ file: Buffer.from(lines.join('\n')) });

  test('categories take numbers as text and true for True; other columns are left alone', async () => {
    const { rows, x } = await prepare({
      rows: [
        { sex: 'm', rooms: '2', wet: true, age: 35, id: 7 },
        { sex: null, rooms: 9, wet: 'False', age: null },
      ],
    });
    assert.deepEqual([rows, ...x], [2, 2, 2, 2, 0, 0, 0, 1, 0]);
  });

  test('a CSV has a dialect of its own', async () => {
    const { x } = await prepare(csv('age;rooms;sex;wet', '"35,0";2;m;True', ';1;f;False'));
    assert.deepEqual([...x], [2, 2, 2, 0, 1, 1, 1, 0]);
  });

  const refused: [string, Parameters<typeof prepare>[0], string[]][] = [
    ['no rows', { rows: [] }, ['/rows']],
    ['arrays', { x: [[1]] }, ['/rows']],
    ['a column left out', { rows: [{ sex: 'f', rooms: 1, wet: true }] }, ['/rows/0/age']],
    [
      'a text for a number, and a list for a text',
      {
        rows: [
          { sex: 'f', rooms: 1, wet: true, age: 1 },
          { sex: ['f'], rooms: 'two', wet: true, age: 'old' },
        ],
      },
      ['/rows/1/sex', '/rows/1/rooms', '/rows/1/age'],
    ],
    ['a number that float32 does not have', { rows: [{ sex: 'f', rooms: 1, wet: true, age: 1e300 }] }, ['/rows/0/age']],
    ['a CSV without a column', csv('age,sex,wet', '1,f,True'), ['']],
    ['a CSV with a text for a number', csv('age,rooms,sex,wet', '1,1,f,True', 'old,1,f,True'), ['/rows/2/age']],
    ['an empty CSV', csv(''), ['']],
  ];
  for (const [name, raw, pointers] of refused)
    test(name, () =>
      assert.rejects(prepare(raw), (error) => {
        assert.ok(isError('invalid_rows', /.{10}/)(error) && error instanceof OnecycleError);
        assert.deepEqual(
          error.problems.map(({ pointer }) => pointer),
          pointers,
        );
        return true;
      }),
    );
});
