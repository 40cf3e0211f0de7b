import { classScore } from './class-score.js';

/** fastai's `F1Score`, scikit-learn's `f1_score`. */
export const f1Score = classScore('The harmonic mean of precision and recall', (right, predicted, actual) =>
  predicted + actual === 0 ? 0 : (2 * right) / (predicted + actual),
);
