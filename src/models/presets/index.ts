/** The models that a client can ask for by name. */
import type { ModelInput } from '../../data/types.js';
import type { FieldProblem } from '../../errors.js';
import type { JsonObject } from '../../schema/json.js';
import { cnn } from './cnn.js';
import { linear } from './linear.js';
import { mlp } from './mlp.js';
import type { Preset, PresetModel } from './preset.js';
import { resnet18 } from './resnet18.js';
import { tabular } from './tabular.js';
import { vision } from './vision.js';
import { xresnet18 } from './xresnet18.js';
import { xresnet34 } from './xresnet34.js';
import { xresnet50 } from './xresnet50.js';

export type { PresetModel } from './preset.js';

/** A new preset is a file beside these and a line here. */
export const presets: readonly Preset[] = [
  linear,
  mlp,
  tabular,
  cnn,
  resnet18,
  xresnet18,
  xresnet34,
  xresnet50,
  vision,
];

const byName: ReadonlyMap<string, Preset> = new Map(presets.map((preset) => [preset.name, preset]));

/** The names of the presets. */
export const presetNames: readonly string[] = [...byName.keys()];

/** The layers that `{preset: NAME, …arguments}` stands for; what is wrong goes to `problems`. */
export function expandPreset(
  given: JsonObject,
  input: ModelInput,
  outputs: number,
  problems: FieldProblem[],
): PresetModel | undefined {
  const preset = typeof given.preset === 'string' ? byName.get(given.preset) : undefined;
  if (preset) return preset.expand(given, input, outputs, problems);
  problems.push({ pointer: '/preset', detail: `preset must be one of ${presetNames.join(', ')}` });
  return undefined;
}
