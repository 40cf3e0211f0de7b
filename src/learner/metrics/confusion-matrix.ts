import { argmax } from './argmax.js';
import { defineMetric } from './metric.js';

/** It stands in the job's record: more would be megabytes. */
const maxClasses = 200;

/** fastai's `ClassificationInterpretation.confusion_matrix`, scikit-learn's `confusion_matrix`. */
export const confusionMatrix = defineMetric({
  description:
    'How many rows of each true class (a row of the matrix) were predicted to be of each class (a column). It is not a number: ' +
    `it is in the job's \`result\`, from the same epoch as the rest of the result. For at most ${maxClasses} classes`,
  target: 'classes',
  lessIsBetter: null,
  problems: (_args, { target }) =>
    target.kind === 'classes' && target.classes > maxClasses
      ? [
          {
            pointer: '',
            detail: `must be left out: there are ${target.classes} classes, and it supports at most ${maxClasses}`,
          },
        ]
      : [],
  start() {
    let matrix: number[][] = [];
    return {
      update(output, { rows, y }) {
        const classes = output.length / rows;
        if (matrix.length === 0) matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
        for (let row = 0; row < rows; row++) matrix[y[row]][argmax(output, row * classes, classes)]++;
      },
      value: () => matrix,
    };
  },
});
