import { flag, fraction, positiveIntegers } from '../fields.js';
import type { LayerSpec } from '../spec.js';
import { asVector, definePreset } from './preset.js';

const fields = { hidden: positiveIntegers, batch_norm: flag, dropout: fraction };

/** Hidden dense layers with ReLU (and batch norm before it, dropout after it, where asked for), then a dense layer: body | head. */
export const mlp = definePreset(
  'mlp',
  fields,
  ({ hidden = [64], batch_norm = false, dropout = 0 }, x_shape, outputs) => {
    const layer = (units: number): LayerSpec[] => [
      // Batch norm has a bias of its own.
      ...(batch_norm
        ? [{ type: 'dense', units, use_bias: false } as const, { type: 'batch_norm' } as const]
        : [{ type: 'dense', units } as const]),
      { type: 'relu' },
      ...(dropout > 0 ? [{ type: 'dropout', rate: dropout } as const] : []),
    ];
    return [[...asVector(x_shape), ...hidden.flatMap(layer)], [{ type: 'dense', units: outputs }]];
  },
);
