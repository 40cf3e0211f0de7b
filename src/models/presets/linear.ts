import { asVector, definePreset } from './preset.js';

/** One dense layer. */
export const linear = definePreset('linear', {}, (_args, x_shape, outputs) => [
  [...asVector(x_shape), { type: 'dense', units: outputs }],
]);
