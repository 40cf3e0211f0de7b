import { classScore } from './class-score.js';

/** fastai's `Precision`, scikit-learn's `precision_score`. */
export const precision = classScore(
  'Of the rows that were predicted to be of a class, the share that is',
  (right, predicted) => (predicted === 0 ? 0 : right / predicted),
);
