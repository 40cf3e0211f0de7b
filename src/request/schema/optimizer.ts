/** The optimizers: the table of src/optimizer/spec.ts as schemas. */
import { Type, type TProperties, type TSchema } from 'typebox';
import { lookaheadDefaults, optimizerDefaults, type OptimizerRequest } from '../../optimizer/spec.js';
import { Count, Positive, optional, strict } from './common.js';

const part = { minimum: 0, exclusiveMaximum: 1 };

/** What each argument may be, whatever the optimizer. */
const argumentSchemas: Record<string, (standard: string) => TSchema> = {
  mom: (standard) => Type.Number({ ...part, description: `Momentum: ${standard}` }),
  sqr_mom: (standard) => Type.Number({ ...part, description: `Momentum of the squared gradients: ${standard}` }),
  eps: (standard) => Positive(`Keeps from dividing by zero: ${standard}`),
  wd: (standard) => Type.Number({ minimum: 0, description: `Weight decay: ${standard}` }),
  beta: (standard) =>
    Type.Number({
      minimum: 0,
      description: `Above 0 the denominator goes through a softplus of it (SAdam): ${standard}`,
    }),
  nu_1: (standard) =>
    Type.Number({ minimum: 0, maximum: 1, description: `Weight of the averaged gradient: ${standard}` }),
  nu_2: (standard) =>
    Type.Number({ minimum: 0, maximum: 1, description: `Weight of the averaged squared gradient: ${standard}` }),
  clip: (standard) =>
    Type.Boolean({ description: `LARC, which never exceeds the rate, rather than LARS: ${standard}` }),
  trust_coeff: (standard) => Positive(`Trust coefficient: ${standard}`),
  k: (standard) => Count(`Steps between two of the slow weights: ${standard}`),
  alpha: (standard) =>
    Type.Number({ exclusiveMinimum: 0, maximum: 1, description: `How far the slow weights go: ${standard}` }),
};

const argumentsOf = (defaults: Readonly<Record<string, unknown>>): TProperties =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, standard]) => [name, optional(argumentSchemas[name](String(standard)))]),
  );

const decoupleWd = optional(Type.Boolean({ description: 'True weight decay; false is L2, in the gradient: true' }));

const plain = Object.entries(optimizerDefaults).map(([name, defaults]) =>
  strict(
    { name: Type.Literal(name), ...argumentsOf(defaults), decouple_wd: decoupleWd },
    { title: `Optimizer_${name}` },
  ),
);

export const Optimizer = Type.Unsafe<OptimizerRequest>(
  Type.Union(
    [
      ...plain,
      strict(
        { name: Type.Literal('lookahead'), of: optional(Type.Union(plain)), ...argumentsOf(lookaheadDefaults) },
        { title: 'Optimizer_lookahead', description: 'Slow weights around another optimizer, `of`: adam' },
      ),
    ],
    {
      title: 'Optimizer',
      description:
        "An optimizer of fastai's; its rate comes from the policy. Arguments that are left out take fastai's defaults",
    },
  ),
);
