import { OnecycleError } from '../../errors.js';
import { joined } from '../../numbers/joined.js';
import { optional, oneOf } from '../../schema/fields.js';
import { areaUnderRoc } from './area-under-roc.js';
import { defineMetric, type Meter } from './metric.js';

/** Scores that are kept, all rows and classes together: 64 MiB. */
const maxScores = 2 ** 24;

/** Two classes have one score a row: what makes the one likely makes the other unlikely. */
const scoresPerRow = (classes: number): number => (classes === 2 ? 1 : classes);

/**
 * fastai's `RocAucBinary` for two classes, its `RocAuc` (one class against the rest) for more; scikit-learn's
 * `roc_auc_score`. It needs every row's scores, so that the rows are bounded, and exact for all of them.
 */
export const rocAuc = defineMetric({
  description:
    'The area under the ROC curve: the probability that a row of a class scores higher than a row of another class. With more than ' +
    'two classes, each against the rest. Exact, for at most 2^24 validation rows, divided by the number of classes if there ' +
    'are more than two',
  target: 'classes',
  lessIsBetter: false,
  arguments: {
    average: optional(
      oneOf(['macro', 'weighted'], {
        description:
          'With more than two classes: the mean over those that occur, or the mean weighted by their rows. ' +
          'Left out: `macro`',
      }),
    ),
  },
  defaults: (target) => (target.kind === 'classes' && target.classes > 2 ? { average: 'macro' as const } : {}),
  problems({ average }, { target, rows }) {
    if (target.kind !== 'classes') return [];
    const most = Math.floor(maxScores / scoresPerRow(target.classes));
    if (rows > most) return [{ pointer: '', detail: `supports at most ${most} validation rows; there are ${rows}` }];
    if (average === undefined || target.classes > 2) return [];
    return [{ pointer: '/average', detail: 'must be left out: there are no more than two classes' }];
  },
  start: ({ average = 'macro' }) => startRocAuc(average === 'weighted'),
});

function startRocAuc(weighted: boolean): Meter {
  const scores: Float32Array[] = [];
  const labels: Int32Array[] = [];
  let kept = 0;
  let classes = 0;
  return {
    update(output, { rows, y }) {
      classes = output.length / rows;
      kept += rows * scoresPerRow(classes);
      if (kept > maxScores)
        throw new OnecycleError('invalid_spec', 'roc_auc supports at most 2^24 scores of validation rows');
      scores.push(classes === 2 ? oddsOf(output, rows) : logShares(output, rows));
      labels.push(Int32Array.from(y));
    },
    value() {
      if (classes < 2) return NaN;
      const all = { scores: joined(scores, Float32Array), labels: joined(labels, Int32Array) };
      if (classes === 2) return areaUnderRoc(all.scores, all.labels, 1, 1, 0).area;
      return overClasses(all, classes, weighted);
    },
  };
}

/** The mean of the classes that have both rows of theirs and others. */
function overClasses(all: { scores: Float32Array; labels: Int32Array }, classes: number, weighted: boolean): number {
  let [sum, weights] = [0, 0];
  for (let label = 0; label < classes; label++) {
    const { area, positives, negatives } = areaUnderRoc(all.scores, all.labels, label, classes, label);
    if (positives === 0 || negatives === 0) continue;
    const weight = weighted ? positives : 1;
    sum += weight * area;
    weights += weight;
  }
  return sum / weights;
}

/** Of rows of two logits, the logarithm of the second class's odds: in its order, but without its ties near 0 and 1. */
function oddsOf(output: Float32Array, rows: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => output[2 * row + 1] - output[2 * row]);
}

/** The logarithm of softmax, row by row. */
function logShares(output: Float32Array, rows: number): Float32Array {
  const width = output.length / rows;
  const shares = new Float32Array(output.length);
  for (let start = 0; start < output.length; start += width) {
    const row = output.subarray(start, start + width);
    const max = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const log = max + Math.log(row.reduce((sum, value) => sum + Math.exp(value - max), 0));
    for (let i = 0; i < width; i++) shares[start + i] = row[i] - log;
  }
  return shares;
}
