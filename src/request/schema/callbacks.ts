/** The callbacks that a spec may name, with fastai's arguments and defaults where fastai has them. */
import { Type, type Static } from 'typebox';
import { Positive, oneOf, optional, strict } from './common.js';

const tracker = {
  monitor: optional(
    Type.String({ default: 'valid_loss', description: '`train_loss`, `valid_loss`, or a metric of the job' }),
  ),
  comp: optional(
    oneOf(['less', 'greater'], {
      description: 'What is better. Left out: `less` for losses and errors, `greater` for the rest',
    }),
  ),
  min_delta: optional(Type.Number({ minimum: 0, default: 0, description: 'An improvement is more than this' })),
};
const patience = optional(
  Type.Integer({ minimum: 1, default: 1, description: 'Epochs without an improvement to wait for' }),
);
const named = <const N extends string, P extends Parameters<typeof strict>[0]>(
  name: N,
  properties: P,
  description: string,
) => strict({ name: Type.Literal(name), ...properties }, { title: `Callback_${name}`, description });

export const callbackSchemas = {
  early_stopping: named(
    'early_stopping',
    { ...tracker, patience },
    'Ends the training when the monitored value improves no more',
  ),
  save_best: named('save_best', tracker, "The best epoch's weights are the result"),
  reduce_lr_on_plateau: named(
    'reduce_lr_on_plateau',
    {
      ...tracker,
      patience,
      factor: optional(Type.Number({ exclusiveMinimum: 1, default: 10 })),
      min_lr: optional(Type.Number({ minimum: 0, default: 0 })),
    },
    'Divides the rate by `factor` when the monitored value improves no more',
  ),
  terminate_on_nan: named(
    'terminate_on_nan',
    {},
    'Ends the training, without failing, when the loss is no number any more',
  ),
  gradient_clip: named(
    'gradient_clip',
    {
      max_norm: optional(Type.Number({ exclusiveMinimum: 0, default: 1 })),
      norm_type: optional(Type.Number({ exclusiveMinimum: 0, default: 2 })),
    },
    'Scales the gradients down where their norm exceeds `max_norm`',
  ),
  gradient_clip_value: named(
    'gradient_clip_value',
    { clip_value: Positive('Bound of each element') },
    'Cuts each element of the gradients to ±`clip_value`',
  ),
  gradient_accumulation: named(
    'gradient_accumulation',
    { n_acc: optional(Type.Integer({ minimum: 1, default: 32 })) },
    'Steps once `n_acc` rows have been seen',
  ),
};

type BuiltIn = {
  [N in keyof typeof callbackSchemas]: Static<(typeof callbackSchemas)[N]>;
}[keyof typeof callbackSchemas];
export type CallbackRequest = BuiltIn | { name: string; [argument: string]: unknown };

export const isBuiltIn = (callback: CallbackRequest): callback is BuiltIn =>
  Object.hasOwn(callbackSchemas, callback.name);

/** Which there are is known when the server runs: they are checked with the rest of the spec. */
const Own = Type.Object(
  { name: Type.Unsafe<string>({ type: 'string', not: { enum: Object.keys(callbackSchemas) } }) },
  {
    title: 'Callback_own',
    additionalProperties: true,
    description: "A callback of one's own, as ONECYCLE_CALLBACKS registers it by name, with its arguments",
  },
);

export const Callback = Type.Unsafe<CallbackRequest>(
  Type.Union([...Object.values(callbackSchemas), Own], {
    title: 'Callback',
    description: 'Acts between the steps of the training',
  }),
);
