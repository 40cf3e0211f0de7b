import { classScore } from './class-score.js';

/** fastai's `Recall`, scikit-learn's `recall_score`. */
export const recall = classScore(
  'Of the rows of a class, the share that was predicted to be of it',
  (right, _predicted, actual) => (actual === 0 ? 0 : right / actual),
);
