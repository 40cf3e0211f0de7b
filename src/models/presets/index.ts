import type { FieldProblem } from '../../errors.js';
import { cnn } from './cnn.js';
import { linear } from './linear.js';
import { mlp } from './mlp.js';
import type { Preset, PresetModel } from './preset.js';
import { resnet18 } from './resnet18.js';
import { xresnet18, xresnet34, xresnet50 } from './xresnet.js';

export type { PresetModel } from './preset.js';

const presets: Record<string, Preset> = { linear, mlp, cnn, resnet18, xresnet18, xresnet34, xresnet50 };

export const presetNames = Object.keys(presets);

/** The layers that `{preset: NAME, …arguments}` stands for; what is wrong goes to `problems`. */
export function expandPreset(
  given: Record<string, unknown>,
  x_shape: number[],
  outputs: number,
  problems: FieldProblem[],
): PresetModel | undefined {
  const { preset } = given;
  if (typeof preset === 'string' && Object.hasOwn(presets, preset))
    return presets[preset](given, x_shape, outputs, problems);
  problems.push({ pointer: '/preset', detail: `preset must be one of ${presetNames.join(', ')}` });
  return undefined;
}
