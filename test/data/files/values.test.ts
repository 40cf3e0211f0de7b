import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateFormatsOf, isMissing, readDate, readNumber } from '../../../src/data/files/csv/values.js';
import { DistinctCount } from '../../../src/data/profile/distinct.js';
import { Median } from '../../../src/data/profile/median.js';

void test('numbers, by the decimal sign', () => {
  for (const [text, point, comma] of [
    ['1', 1, 1],
    [' -2.5 ', -2.5, undefined],
    ['2,5', undefined, 2.5],
    ['.5', 0.5, undefined],
    ['1e3', 1000, 1000],
    ['007', 7, 7],
    ['1,234.5', undefined, undefined],
    ['1e999', undefined, undefined],
    ['0x10', undefined, undefined],
    ['inf', undefined, undefined],
    ['', undefined, undefined],
    ['12a', undefined, undefined],
  ] as const) {
    assert.equal(readNumber(text, '.'), point, text);
    assert.equal(readNumber(text, ','), comma, text);
  }
});

void test('dates, and which formats they may have', () => {
  for (const [text, formats, at] of [
    ['2024-02-29', ['iso'], '2024-02-29T00:00:00.000Z'],
    ['2024-02-30', [], null],
    ['2024-01-02T03:04:05.678+01:00', ['iso'], '2024-01-02T02:04:05.678Z'],
    ['2024/1/2 3:04', ['iso'], '2024-01-02T03:04:00.000Z'],
    ['31.12.2024', ['day.month.year'], '2024-12-31T00:00:00.000Z'],
    ['12/31/2024', ['month/day/year'], '2024-12-31T00:00:00.000Z'],
    ['31/12/2024', ['day/month/year'], '2024-12-31T00:00:00.000Z'],
    ['1/2/2024', ['month/day/year', 'day/month/year'], '2024-01-02T00:00:00.000Z'],
    ['2024-01-02 25:00', [], null],
    ['20240102', [], null],
  ] as const) {
    const found = dateFormatsOf(text);
    assert.deepEqual(found, formats, text);
    const time = found.length > 0 ? readDate(text, found[0]) : undefined;
    assert.equal(time === undefined ? null : new Date(time).toISOString(), at, text);
  }
});

void test('words for missing values', () => {
  for (const text of ['', ' ', 'NA', 'n/a', 'null', 'NaN', 'None', ' NA ']) assert.ok(isMissing(text), text);
  for (const text of ['0', 'na', '-', 'none', 'no']) assert.ok(!isMissing(text), text);
});

void test('medians and counts of different values in bounded memory', () => {
  const few = new Median(1024);
  for (const value of [5, 1, 4, 2]) few.add(value);
  assert.deepEqual([few.value, few.step], [3, 1]);
  assert.equal(new Median(1024).value, null);
  const many = new Median(1024);
  for (let i = 0; i < 10_000; i++) many.add((i * 7919) % 10_000);
  assert.equal(many.step, 16);
  assert.ok(Math.abs(many.value! - 5000) < 250, `the median is about 5000, not ${many.value}`);

  const exact = new DistinctCount();
  for (let i = 0; i < 100_000; i++) exact.add(i % 50_000);
  assert.deepEqual([exact.count, exact.exact], [50_000, true]);
  const large = new DistinctCount();
  for (let i = 0; i < 300_000; i++) large.add(`value ${i}`);
  assert.equal(large.exact, false);
  assert.ok(Math.abs(large.count / 300_000 - 1) < 0.02, `about 300,000, not ${large.count}`);
});
