/** fastai's `create_head`. */
import type { LayerSpec } from '../layers/index.js';

/** Its arguments, with fastai's names. */
export interface HeadArguments {
  lin_ftrs: number[];
  ps: number | number[];
  concat_pool: boolean;
  first_bn: boolean;
  bn_final: boolean;
  /** [low, high] */
  y_range?: number[] | undefined;
}

/**
 * fastai's head on a body whose last layer is `bodyEnd`: a pool, then dense layers, each with batch norm and dropout
 * before it. Named `head.N`, where N is the place in fastai's nn.Sequential. Dense layers start as `vision_learner`
 * starts them, `kaiming_normal`, and have no bias where batch norm stands before them.
 */
export function visionHead(bodyEnd: number, outputs: number, args: HeadArguments): LayerSpec[] {
  const { lin_ftrs, ps, concat_pool, first_bn, bn_final, y_range } = args;
  const sizes = [...lin_ftrs, outputs];
  const rates = dropoutRates(ps, sizes.length);
  const parts = sizes.flatMap((units, i): LayerSpec[] => {
    const normed = i > 0 || first_bn;
    return [
      ...(normed ? [norm] : []),
      ...(rates[i] > 0 ? [{ type: 'dropout', rate: rates[i] } as const] : []),
      { type: 'dense', units, use_bias: !normed, init: 'kaiming_normal' },
      ...(i < sizes.length - 1 ? [{ type: 'relu' } as const] : []),
    ];
  });
  if (bn_final) parts.push({ ...norm, momentum: 0.99 });
  if (y_range) parts.push({ type: 'sigmoid_range', low: y_range[0], high: y_range[1] });
  // fastai's Flatten, which has nothing to do here, is number 1.
  return [...pool(bodyEnd, concat_pool), ...parts.map((part, i) => ({ ...part, name: `head.${i + 2}` }))];
}

const norm = { type: 'batch_norm' } as const;

/** One rate is that of the last layer; those before it have half of it. */
function dropoutRates(ps: number | number[], layers: number): number[] {
  const given = typeof ps === 'number' ? [ps] : ps;
  return given.length > 1 ? given : [...Array<number>(layers - 1).fill(given[0] / 2), given[0]];
}

/** AdaptiveConcatPool2d's parts are its `mp` and its `ap`, and come in that order. */
const pool = (bodyEnd: number, concat: boolean): LayerSpec[] =>
  concat
    ? [
        { type: 'global_max_pool', name: 'head.0.mp', inputs: [bodyEnd] },
        { type: 'global_avg_pool', name: 'head.0.ap', inputs: [bodyEnd] },
        { type: 'concatenate', name: 'head.0', inputs: [bodyEnd + 1, bodyEnd + 2] },
      ]
    : [{ type: 'global_avg_pool', name: 'head.0', inputs: [bodyEnd] }];
