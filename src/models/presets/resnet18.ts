import { resnet18 as body } from '../bodies/resnet.js';
import { definePreset, head } from './preset.js';

/** torchvision's own model: the body, an average, one dense layer. */
export const resnet18 = definePreset({
  name: 'resnet18',
  description:
    "torchvision's ResNet-18. Parameter groups as fastai splits it: up to its second stage, the other two, head",
  arguments: {},
  takes: 'images',
  groups: (_args, input, outputs) => [...body.groups(input, false), head(outputs, 'fc')],
});
