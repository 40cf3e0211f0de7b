import { Type } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { Count, defaulted, Flag, ModelId, oneOf, optional } from '../../schema/fields.js';
import {
  bodies,
  bodiesWithWeights,
  bodyNames,
  type BodyName,
  type PackagedBody,
  type PixelStatistics,
} from '../bodies/index.js';
import type { JsonObject } from '../../schema/json.js';
import { DropoutRate } from '../layers/dropout.js';
import { definePreset } from './preset.js';
import { visionHead } from './vision-head.js';

const defaultBody = 'efficientnet_lite0';
const rate = DropoutRate('Rate of dropout');

/** Groups: the body's by fastai's splitter, head. */
export const vision = definePreset({
  name: 'vision',
  description:
    "fastai's vision_learner: a body, pretrained or not, and fastai's head. Parameter groups as fastai splits the body " +
    '(the resnets and xresnets in two), then the head: `fine_tune` trains the head alone first',
  arguments: {
    body: defaulted(
      oneOf(bodyNames, { description: 'The model to use as the body, without its final pooling and its classifier' }),
      defaultBody,
    ),
    pretrained: defaulted(
      Type.Union([Type.Boolean(), ModelId('A model with the weights')], {
        description:
          'Whether the body starts from weights trained on ImageNet, which a package registry provides; or the id of a ' +
          'posted model with the weights to start from, such as a state_dict of torchvision',
      }),
      true,
    ),
    lin_ftrs: defaulted(
      Type.Array(Count('Outputs'), { description: 'Number of outputs of each dense layer but the last' }),
      [512],
    ),
    ps: defaulted(
      Type.Union([rate, Type.Array(rate, { minItems: 1 })], {
        description:
          'Rate of the dropout before the last dense layer, halved for the other ones; or a list with one rate per dense layer',
      }),
      0.5,
    ),
    concat_pool: defaulted(Flag('Whether the pooling takes maxima and means; false: means only'), true),
    first_bn: defaulted(Flag('Whether to put batch norm before the first dense layer'), true),
    bn_final: defaulted(Flag('Whether to put batch norm after the last dense layer'), false),
    y_range: optional(
      Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: 'For a regression: range of the predictions, [low, high], enforced by a sigmoid',
      }),
    ),
  },
  takes: 'images',
  problems: ({ body, pretrained, ps, lin_ftrs, y_range }) => [
    ...(pretrained === true ? withoutWeights(body) : []),
    ...(Array.isArray(ps) && ps.length > 1 && ps.length !== lin_ftrs.length + 1
      ? [{ pointer: '/ps', detail: `ps must be one rate, or ${lin_ftrs.length + 1}, one for each dense layer` }]
      : []),
    ...(y_range && y_range[1] <= y_range[0]
      ? [{ pointer: '/y_range', detail: 'y_range must be [low, high], with high above low' }]
      : []),
  ],
  groups({ body, pretrained, ...head }, input, outputs) {
    const groups = bodies[body].groups(input, pretrained === true);
    return [...groups, visionHead(groups.flat().length - 1, outputs, head)];
  },
});

/** The body that a model's record says starts with the weights of a package; undefined where it does not. */
export function bodyOfPackage(model: JsonObject): PackagedBody | undefined {
  if (model.preset !== vision.name) return undefined;
  const { pretrained = true, body = defaultBody } = model;
  return pretrained === true ? bodiesWithWeights.find((name) => name === body) : undefined;
}

/**
 * What pictures are normalized by for the weights that a model of this preset starts with, as `vision_learner` does by
 * itself; null where it starts with none, or is another preset.
 */
export function pixelsOf(model: JsonObject): PixelStatistics | 'imagenet' | null {
  const { preset, pretrained = true, body = defaultBody } = model;
  const known = bodyNames.find((name) => name === body);
  if (preset !== vision.name || pretrained === false || known === undefined) return null;
  return bodies[known].pixels(pretrained === true);
}

const withoutWeights = (body: BodyName): FieldProblem[] =>
  bodiesWithWeights.some((name) => name === body)
    ? []
    : [
        {
          pointer: '/pretrained',
          detail:
            `no package has weights for ${body}, only for ${bodiesWithWeights.join(' and ')}. Post a state_dict ` +
            `(of torchvision or timm, as .pth or safetensors) to /models and put its id here, or set it to false`,
        },
      ];
