/** What the xresnets share. */
import type { Body } from '../bodies/body.js';
import { definePreset, head, type Preset } from './preset.js';

/** fastai's own model: the body, an average, one dense layer, which is part 11 of its nn.Sequential. */
export const xresnet = (body: Body): Preset =>
  definePreset({
    name: body.name,
    description: `fastai's ${body.name}. Parameter groups as fastai splits it: stem, stages, head`,
    arguments: {},
    takes: 'images',
    groups: (_args, input, outputs) => [...body.groups(input, false), head(outputs, '11', 'kaiming_normal')],
  });
