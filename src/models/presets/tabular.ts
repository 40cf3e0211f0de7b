import { Type } from 'typebox';
import type { ModelInput, TableFeatures } from '../../data/types.js';
import type { FieldProblem } from '../../errors.js';
import { child } from '../../schema/json.js';
import { Count, defaulted, Flag, optional } from '../../schema/fields.js';
import { DropoutRate } from '../layers/dropout.js';
import type { LayerSpec } from '../layers/index.js';
import { definePreset } from './preset.js';

/** fastai's rule of thumb for the size of an embedding (`emb_sz_rule`), of a category of so many values. */
export const embeddingSize = (cardinality: number): number => Math.min(600, Math.round(1.6 * cardinality ** 0.56));

/** fastai's `TabularModel`, layer by layer, with the arguments of `tabular_learner` and `tabular_config`. */
export const tabular = definePreset({
  name: 'tabular',
  description:
    "fastai's TabularModel: an embedding per category, batch norm on the other columns, then dense layers. It takes " +
    'tables; rows of numbers are a table without categories. One parameter group, as in fastai',
  arguments: {
    layers: defaulted(
      Type.Array(Count('Outputs'), { description: 'Number of outputs of each hidden layer' }),
      [200, 100],
    ),
    ps: defaulted(
      Type.Union([DropoutRate('Rate of all hidden layers'), Type.Array(DropoutRate('Rate of one hidden layer'))], {
        description: 'Rate of the dropout after each hidden layer: one for all, or a list with one for each',
      }),
      0,
    ),
    embed_p: defaulted(DropoutRate('Rate of the dropout after the embeddings'), 0),
    y_range: optional(
      Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: 'Range of the outputs, [low, high], enforced by a sigmoid. Left out: unlimited',
      }),
    ),
    use_bn: defaulted(Flag('Whether to put batch norm after the ReLU of each hidden layer'), true),
    bn_final: defaulted(Flag('Whether to put batch norm after the last layer too, if use_bn is true'), false),
    bn_cont: defaulted(Flag('Whether to apply batch norm to the columns of numbers'), true),
    lin_first: defaulted(
      Flag('Whether batch norm and dropout come after their dense layer and its ReLU; false: before'),
      true,
    ),
    emb_szs: optional(
      Type.Record(Type.String(), Count('Numbers'), {
        description: "Sizes of embeddings by column; the others follow fastai's rule, min(600, round(1.6 n^0.56))",
      }),
    ),
  },
  takes: 'tables',
  problems: (args, of) => [...checkLists(args), ...checkNames(args.emb_szs ?? {}, featuresOf(of))],
  groups({ emb_szs = {}, y_range, ...args }, _input, outputs, of) {
    const { layers: hidden, ps, use_bn, bn_final, lin_first } = args;
    const rates = typeof ps === 'number' ? hidden.map(() => ps) : ps;
    const blocks: Block[] = [
      ...hidden.map((units, i) => ({ units, norm: use_bn, rate: rates[i], act: true })),
      { units: outputs, norm: use_bn && bn_final, rate: 0, act: false },
    ];
    const dense = blocks.flatMap((block, i) =>
      linBnDrop(block, lin_first).map((layer, k): LayerSpec => ({ ...layer, name: `layers.${i}.${k}` })),
    );
    const range: LayerSpec[] = y_range ? [{ type: 'sigmoid_range', low: y_range[0], high: y_range[1] }] : [];
    return [[...joined(featuresOf(of), emb_szs, args), ...dense, ...range]];
  },
});

/** Rows of numbers are a table without categories. */
const featuresOf = ({ features, x_shape }: ModelInput): TableFeatures =>
  features ?? { cardinalities: [], continuous: x_shape[0] };

function checkLists({
  layers,
  ps,
  y_range,
}: {
  layers: number[];
  ps: number | number[];
  y_range?: number[];
}): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (typeof ps !== 'number' && ps.length !== layers.length)
    problems.push({
      pointer: '/ps',
      detail: `must be one rate, or a list of ${layers.length}, one per hidden layer, not ${ps.length}`,
    });
  if (y_range !== undefined && !(y_range[0] < y_range[1]))
    problems.push({ pointer: '/y_range', detail: 'must be [low, high] with low below high' });
  return problems;
}

/** A column's category for missing values may be there or not: that depends on the rows that train. */
function checkNames(sizes: Record<string, number>, { names = [] }: TableFeatures): FieldProblem[] {
  return Object.keys(sizes)
    .filter((name) => !names.includes(name) && !name.endsWith('_na'))
    .map((name) => ({
      pointer: child('/emb_szs', name),
      detail: `must be a category of the table: ${names.length > 0 ? names.join(', ') : 'it has none'}`,
    }));
}

/** Embeddings and numbers side by side: the input of the first dense layer. */
function joined(
  { cardinalities, continuous, names = [] }: TableFeatures,
  sizes: Record<string, number>,
  { embed_p, bn_cont }: { embed_p: number; bn_cont: boolean },
): LayerSpec[] {
  const layers: LayerSpec[] = [];
  const last = () => layers.length - 1;
  const embedded = cardinalities.map((input_dim, i) => {
    const name = names.at(i);
    const size = name !== undefined && Object.hasOwn(sizes, name) ? sizes[name] : embeddingSize(input_dim);
    layers.push({ type: 'columns', from: i, count: 1, inputs: [-1] });
    layers.push({ type: 'embedding', input_dim, output_dim: size, name: `embeds.${i}` }, { type: 'flatten' });
    return last();
  });
  if (embedded.length > 1) layers.push({ type: 'concatenate', inputs: embedded });
  if (embedded.length > 0 && embed_p > 0) layers.push({ type: 'dropout', rate: embed_p });
  const categories = last();
  if (continuous === 0) return layers;
  if (embedded.length > 0)
    layers.push({ type: 'columns', from: cardinalities.length, count: continuous, inputs: [-1] });
  if (bn_cont) layers.push({ type: 'batch_norm', name: 'bn_cont' });
  if (embedded.length > 0) layers.push({ type: 'concatenate', inputs: [categories, last()] });
  return layers;
}

/** A dense layer with what comes with it. */
interface Block {
  units: number;
  /** Whether there is batch norm. */
  norm: boolean;
  /** Of its dropout. */
  rate: number;
  /** Whether there is a ReLU. */
  act: boolean;
}

/** fastai's `LinBnDrop`. Batch norm has a bias of its own, which starts at fastai's 0.001. */
function linBnDrop({ units, norm, rate, act }: Block, linFirst: boolean): LayerSpec[] {
  const linear: LayerSpec[] = [{ type: 'dense', units, use_bias: !norm }, ...(act ? [{ type: 'relu' } as const] : [])];
  const normed: LayerSpec[] = [
    ...(norm ? [{ type: 'batch_norm', beta: 1e-3 } as const] : []),
    ...(rate > 0 ? [{ type: 'dropout', rate } as const] : []),
  ];
  return linFirst ? [...linear, ...normed] : [...normed, ...linear];
}
