import { Type, type TUnsafe } from 'typebox';
import { Count, defaulted, strict } from '../../schema/fields.js';
import { copy } from '../slot.js';
import type { Stepper } from '../stepper.js';

/** What shapes the arithmetic of Lookahead. */
export const lookaheadArgs = {
  k: defaulted(Count('Steps between two updates of the slow weights'), 6),
  alpha: defaulted(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'How far the slow weights move towards the fast ones',
    }),
    0.5,
  ),
};

/** The schema of Lookahead around any optimizer of a schema. Its hypers are those of that one. */
export const lookaheadSchema = <Inner extends { name: string }>(inner: TUnsafe<Inner>, standard: Inner) =>
  strict(
    { name: Type.Literal('lookahead'), of: defaulted(inner, standard), ...lookaheadArgs },
    { title: 'Optimizer_lookahead', description: 'Slow weights around another optimizer, `of` (Zhang et al.)' },
  );

/**
 * fastai's `Lookahead` around any stepper (Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, arXiv
 * 1907.08610): every k steps the slow weights go `alpha` of the way to the fast ones, and these start again from there.
 * `pull` is alpha then, and 0 at all other steps. Around another Lookahead its slot and scalars have names with a
 * number.
 */
export function lookaheadStepper(inner: Stepper, { k, alpha }: { k: number; alpha: number }): Stepper {
  const taken = [...inner.slots.map(({ name }) => name), ...inner.scalarNames];
  const [slow, pull, reset] = ['slow', 'pull', 'reset'].map((name) => free(name, taken));
  return {
    slots: [...inner.slots, copy(slow)],
    scalarNames: [...inner.scalarNames, pull, reset],
    scalars(hypers, step, count) {
      const due = count % k === 0;
      return { ...inner.scalars(hypers, step, count), [pull]: due ? alpha : 0, [reset]: due ? 1 : 0 };
    },
    decaysItself: inner.decaysItself ?? false,
    step(context, parameter, scalars) {
      const { tf, kernels } = context;
      const { variable, slots } = parameter;
      inner.step(context, parameter, scalars);
      const moved = tf.add(slots[slow], tf.mul(scalars[pull], tf.sub(variable, slots[slow])));
      kernels.assign(slots[slow], moved);
      kernels.assign(variable, tf.where(tf.greater(scalars[reset], 0), moved, variable));
    },
  };
}

/** `slow`, or where that is taken `slow_2`, `slow_3`, … */
function free(name: string, taken: readonly string[]): string {
  let [candidate, n] = [name, 1];
  while (taken.includes(candidate)) candidate = `${name}_${++n}`;
  return candidate;
}
