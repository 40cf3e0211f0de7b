import type { FieldProblem } from '../../errors.js';
import { fieldProblems, type Fields, type Values } from '../fields.js';
import type { Init, LayerSpec } from '../spec.js';

/** What a preset stands for: ordinary layers, and which of them are body and head. */
export interface PresetModel {
  layers: LayerSpec[];
  param_groups: number[][];
}

/** Turns a preset's arguments into layers for rows of shape `x_shape` and `outputs` numbers a row; undefined with a problem where it can't. */
export type Preset = (
  given: Record<string, unknown>,
  x_shape: number[],
  outputs: number,
  problems: FieldProblem[],
) => PresetModel | undefined;

/** Makes a preset of its arguments' fields and of a function from arguments that were checked to groups of layers. */
export function definePreset<F extends Fields>(
  name: string,
  fields: F,
  build: (args: Values<F>, x_shape: number[], outputs: number) => LayerSpec[][] | FieldProblem,
): Preset {
  return (given, x_shape, outputs, problems) => {
    const found = fieldProblems(`the preset ${name}`, given, fields, '', ['preset', 'weights']);
    problems.push(...found);
    if (found.length > 0) return undefined;
    const built = build(given as Values<F>, x_shape, outputs); // just checked against `fields`
    if (Array.isArray(built)) return numbered(built);
    problems.push(built);
    return undefined;
  };
}

function numbered(groups: LayerSpec[][]): PresetModel {
  let next = 0;
  return { layers: groups.flat(), param_groups: groups.map((group) => group.map(() => next++)) };
}

/** Rows as vectors: flattened unless they are. */
export const asVector = (x_shape: number[]): LayerSpec[] => (x_shape.length === 1 ? [] : [{ type: 'flatten' }]);

/** Rows as images: [height, width] gets its one channel, [n] is taken for a square of one channel; undefined where that can't be. */
export function asImage(x_shape: number[]): LayerSpec[] | undefined {
  if (x_shape.length === 3) return [];
  if (x_shape.length === 2) return [{ type: 'reshape', shape: [...x_shape, 1] }];
  const side = Math.sqrt(x_shape[0] ?? 0);
  return x_shape.length === 1 && Number.isInteger(side) ? [{ type: 'reshape', shape: [side, side, 1] }] : undefined;
}

export const notAnImage = (name: string, x_shape: number[]): FieldProblem => ({
  pointer: '/preset',
  detail: `${name} takes images [height, width, channels] or squares [n], not rows of shape [${x_shape.join(', ')}]`,
});

/** The last spatial average and the layer that answers. */
export const head = (outputs: number, init?: Init): LayerSpec[] => [
  { type: 'global_avg_pool' },
  { type: 'dense', units: outputs, ...(init && { init }) },
];
