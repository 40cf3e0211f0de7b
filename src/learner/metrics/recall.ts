import { classScore } from './class-score.js';

/** fastai's `Recall`, scikit-learn's `recall_score`. */
export const recall = classScore(
  'The share of the rows of a class that are predicted to be of that class',
  (right, _predicted, actual) => (actual === 0 ? 0 : right / actual),
);
