/**
 * A state tensor that an optimizer keeps of each parameter, in its shape: its name, and the values that it starts with.
 */
export interface Slot<Name extends string = string> {
  readonly name: Name;
  /** From the parameter's values, to as many fresh ones. */
  readonly initial: (parameter: Float32Array) => Float32Array;
}

/** A slot that starts as zeros: an average of gradients, say. */
export const zeros = <const Name extends string>(name: Name): Slot<Name> => ({
  name,
  initial: ({ length }) => new Float32Array(length),
});

/** A slot that starts as a copy of its parameter: Lookahead's slow weights. */
export const copy = <const Name extends string>(name: Name): Slot<Name> => ({
  name,
  initial: (parameter) => Float32Array.from(parameter),
});
