import { definePreset } from './preset.js';

/** One group. */
export const linear = definePreset({
  name: 'linear',
  description: 'One dense layer',
  arguments: {},
  takes: 'vectors',
  groups: (_args, input, outputs) => [[...input, { type: 'dense', units: outputs, name: 'output' }]],
});
