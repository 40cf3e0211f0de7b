import { Type } from 'typebox';
import { invalidRows, type FieldProblem } from '../../errors.js';
import { findMisfit, flattenInto, product } from '../../numbers/nested.js';
import { Count, nullable, strict } from '../../schema/fields.js';
import { TargetSchema } from '../types.js';
import { defineProcessing } from './processing.js';

/** Enough to see what is wrong. */
const maxProblems = 10;

/** Rows that are numbers already, and stay as they are. */
export const arrays = defineProcessing({
  kind: 'arrays',
  schema: strict({
    kind: Type.Literal('arrays'),
    x_shape: Type.Array(Count('Length of an axis')),
    target: TargetSchema,
    names: nullable(Type.Array(Type.String())),
  }),
  shape: ({ x_shape }) => x_shape,
  vocabulary: ({ target, names }) => ({ target, names }),
  prepare: ({ x_shape }, raw) => Promise.resolve(readNumbers(x_shape, 'x' in raw ? raw.x : undefined)),
});

function readNumbers(shape: readonly number[], given: unknown): { rows: number; x: Float32Array } {
  if (!Array.isArray(given) || given.length === 0)
    throw invalidRows([{ pointer: '/x', detail: `must be a list of rows of shape [${shape.join(', ')}]` }]);
  // Rows of one number each may stand without brackets, as in a request's inline data.
  const rowShape = shape.length === 1 && shape[0] === 1 && !Array.isArray(given[0]) ? [] : shape;
  const problems: FieldProblem[] = [];
  for (let i = 0; i < given.length && problems.length < maxProblems; i++) {
    const misfit = findMisfit(given[i], rowShape);
    if (misfit)
      problems.push({ pointer: ['/x', i, ...misfit.path].join('/'), detail: `must be ${misfit.expected} in row ${i}` });
  }
  if (problems.length > 0) throw invalidRows(problems);
  const x = new Float32Array(given.length * product(shape));
  flattenInto(x, given);
  return { rows: given.length, x };
}
