/** What a file of this folder says of a preset: a model by name, made of ordinary layers. */
import {
  Type,
  type TLiteral,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnknown,
} from 'typebox';
import type { ModelInput } from '../../data/types.js';
import type { FieldProblem } from '../../errors.js';
import { fieldProblemsOf, isValid } from '../../schema/check.js';
import { complete, type Complete } from '../../schema/complete.js';
import { ModelId, optional, strict } from '../../schema/fields.js';
import type { JsonObject } from '../../schema/json.js';
import type { Init } from '../layers/kernel.js';
import type { LayerSpec } from '../layers/index.js';
import { shapeText } from '../layers/shapes.js';

/** What a preset stands for: ordinary layers, and which of them are in which parameter group, by index. */
export interface PresetModel {
  layers: LayerSpec[];
  param_groups: number[][];
}

/** A preset, as the table of presets has it. */
export interface Preset {
  readonly name: string;
  readonly description: string;
  /** The schema of what clients or records write, with the fields about `weights` as the place at hand has them. */
  schemaWith(weights: TProperties, title: string): TSchema;
  /** The layers for rows of `x_shape` and `outputs` numbers a row; undefined, with a problem noted, where it can't. */
  expand(given: JsonObject, input: ModelInput, outputs: number, problems: FieldProblem[]): PresetModel | undefined;
}

type PresetObject<Name extends string, Arguments extends TProperties> = TObject<
  { preset: TLiteral<Name> } & Arguments & { weights: TOptional<TUnknown>; stored: TOptional<TUnknown> }
>;

/**
 * Declares a preset. `groups` gets the arguments with every default filled in, the layers that bring the rows into the
 * shape that it takes, how many numbers it must answer for a row, and all that is known of its input; it returns the
 * layers of each parameter group. Layers with parameters have names, so that these are the same whatever stands in
 * front.
 */
export function definePreset<const Name extends string, Arguments extends TProperties>({
  name,
  description,
  arguments: properties,
  takes,
  problems = () => [],
  groups,
}: {
  name: Name;
  description: string;
  arguments: Arguments;
  takes: keyof typeof asTaken;
  /** What is wrong with arguments that the schema lets pass; pointers are relative to the preset. */
  problems?: (args: Complete<PresetObject<Name, Arguments>>, of: ModelInput) => FieldProblem[];
  groups: (
    args: Complete<PresetObject<Name, Arguments>>,
    input: LayerSpec[],
    outputs: number,
    of: ModelInput,
  ) => LayerSpec[][];
}): Preset {
  const pretrained = optional(
    ModelId('Id of a model whose weights to start from; a head of another size is initialized anew'),
  );
  // A preset may say more of it: then its type does, too.
  const fields = { preset: Type.Literal(name), ...({ pretrained, ...properties } as Arguments) };
  // Weights are checked against the layers, once these are known.
  const schema: PresetObject<Name, Arguments> = strict({
    ...fields,
    weights: optional(Type.Unknown()),
    stored: optional(Type.Unknown()),
  });
  return {
    name,
    description,
    schemaWith: (weights, title) => strict({ ...fields, ...weights }, { title, description }),
    expand(given, of, outputs, note) {
      if (!isValid(schema, given)) {
        note.push(...fieldProblemsOf(schema, given));
        return undefined;
      }
      const args = complete(schema, given);
      const input = asTaken[takes].layers(of.x_shape);
      const found = input ? problems(args, of) : [{ pointer: '/preset', detail: misfit(name, takes, of) }];
      note.push(...found);
      return input && found.length === 0 ? numbered(groups(args, input, outputs, of)) : undefined;
    },
  };
}

function numbered(groups: LayerSpec[][]): PresetModel {
  let next = 0;
  return { layers: groups.flat(), param_groups: groups.map((group) => group.map(() => next++)) };
}

interface Taken {
  /** In words. */
  name: string;
  /** The layers that bring rows into that shape; undefined where that can't be. */
  layers: (x_shape: number[]) => LayerSpec[] | undefined;
}

/** What presets may take. */
const asTaken = {
  /** Flattened unless they are [n]. */
  vectors: { name: 'rows of numbers', layers: (x_shape) => (x_shape.length === 1 ? [] : [{ type: 'flatten' }]) },
  /** Columns side by side: rows of numbers are a table without categories. */
  tables: {
    name: 'tables, or rows of numbers [n]',
    layers: (x_shape) => (x_shape.length === 1 ? [] : undefined),
  },
  /** [height, width] gets its one channel, [n] is taken for a square of one channel. */
  images: {
    name: 'images [height, width, channels] or squares [n]',
    layers(x_shape) {
      if (x_shape.length === 3) return [];
      if (x_shape.length === 2) return [{ type: 'reshape', shape: [...x_shape, 1] }];
      const side = Math.sqrt(x_shape[0] ?? 0);
      return x_shape.length === 1 && Number.isInteger(side) ? [{ type: 'reshape', shape: [side, side, 1] }] : undefined;
    },
  },
} satisfies Record<string, Taken>;

const misfit = (preset: string, takes: keyof typeof asTaken, { x_shape }: ModelInput): string =>
  `${preset} takes ${asTaken[takes].name}, not rows of shape ${shapeText(x_shape)}`;

/** The last spatial average and the layer that answers, by this name. */
export const head = (outputs: number, name: string, init?: Init): LayerSpec[] => [
  { type: 'global_avg_pool' },
  { type: 'dense', units: outputs, ...(init && { init }), name },
];
