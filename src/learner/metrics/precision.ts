import { classScore } from './class-score.js';

/** fastai's `Precision`, scikit-learn's `precision_score`. */
export const precision = classScore(
  'The share of the rows predicted to be of a class that are of that class',
  (right, predicted) => (predicted === 0 ? 0 : right / predicted),
);
