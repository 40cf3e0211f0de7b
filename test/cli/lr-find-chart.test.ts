/** The finder's curve in characters: axis, ticks and marks stand where the rates are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plotLrFind } from '../../src/cli/terminal/lr-find-chart.js';

const lrs = Array.from({ length: 100 }, (_, i) => 1e-7 * 1e8 ** (i / 99));
const losses = lrs.map((_, i) => (i < 70 ? 2 - i / 100 : 1.3 + (i - 70) / 10));
const lines = plotLrFind(lrs, losses, { valley: 1e-3, 'too high': 1e3 }, 61).split('\n');
const find = (part: string): string => lines.find((line) => line.includes(part)) ?? assert.fail(`no line has ${part}`);
const axis = find('└');
const ticks = Array.from(axis.matchAll(/┴/g), ({ index }) => index);

test('every power of ten has a tick and its label below it', () => {
  assert.equal(ticks.length, 9);
  const labels = lines[lines.indexOf(axis) + 1];
  for (const [i, column] of ticks.entries()) assert.equal(labels.indexOf(`1e${i - 7}`), column - 2);
});

test('a mark points at its rate, and one outside of the curve is left out', () => {
  assert.equal(find('▲ valley 0.00100').indexOf('▲'), ticks[4]);
  assert.ok(!lines.some((line) => line.includes('too high')));
});

test('the axes are labelled, and no line is wider than a terminal', () => {
  find('smoothed loss');
  find('learning rate (log scale)');
  assert.ok(lines.every((line) => line.trimEnd().length <= 80));
});
