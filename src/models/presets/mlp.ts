import { Type } from 'typebox';
import { Count, defaulted, Flag } from '../../schema/fields.js';
import { DropoutRate } from '../layers/dropout.js';
import type { LayerSpec } from '../layers/index.js';
import { definePreset } from './preset.js';

/** Groups: body, head. */
export const mlp = definePreset({
  name: 'mlp',
  description: 'Hidden dense layers with ReLU, then a dense layer. Parameter groups: body, head',
  arguments: {
    hidden: defaulted(
      Type.Array(Count('Outputs'), { minItems: 1, description: 'Number of outputs of each hidden layer' }),
      [64],
    ),
    batch_norm: defaulted(Flag('Whether to put batch norm before each ReLU'), false),
    dropout: defaulted(DropoutRate('Rate of the dropout after each ReLU; 0 means none'), 0),
  },
  takes: 'vectors',
  groups({ hidden, batch_norm, dropout }, input, outputs) {
    const layer = (units: number, i: number): LayerSpec[] => [
      // Batch norm has a bias of its own.
      ...(batch_norm
        ? [
            { type: 'dense', units, use_bias: false, name: `hidden.${i}` } as const,
            { type: 'batch_norm', name: `norm.${i}` } as const,
          ]
        : [{ type: 'dense', units, name: `hidden.${i}` } as const]),
      { type: 'relu' },
      ...(dropout > 0 ? [{ type: 'dropout', rate: dropout } as const] : []),
    ];
    return [[...input, ...hidden.flatMap(layer)], [{ type: 'dense', units: outputs, name: 'output' }]];
  },
});
