/** The optimizers by name, with fastai 2.8.12's arguments and defaults (fastai/optimizer.py). Pure data: known to the API and to the learner. */

/** Arguments beside `lr`, which the policy gives, and `decouple_wd`, which all but Lookahead have. */
export const optimizerDefaults = {
  sgd: { mom: 0, wd: 0 },
  rmsprop: { mom: 0, sqr_mom: 0.99, eps: 1e-8, wd: 0 },
  adam: { mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0.01 },
  radam: { mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0, beta: 0 },
  qhadam: { mom: 0.999, sqr_mom: 0.999, nu_1: 0.7, nu_2: 1, eps: 1e-8, wd: 0 },
  larc: { mom: 0.9, clip: true, trust_coeff: 0.02, eps: 1e-8, wd: 0 },
  lamb: { mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0 },
  /** Lookahead around RAdam, with defaults of its own. */
  ranger: { mom: 0.95, sqr_mom: 0.99, eps: 1e-6, wd: 0.01, beta: 0, k: 6, alpha: 0.5 },
} as const;

/** Lookahead wraps another optimizer, named in `of`. */
export const lookaheadDefaults = { k: 6, alpha: 0.5 } as const;

export type OptimizerName = keyof typeof optimizerDefaults | 'lookahead';

interface Decay {
  /** True weight decay (`p *= 1 - lr·wd`) rather than L2 in the gradient. */
  decouple_wd: boolean;
}
type Arguments<T> = { -readonly [K in keyof T]: T[K] extends boolean ? boolean : number };

/** An optimizer with every argument filled in. */
export type OptimizerSpec =
  | {
      [N in keyof typeof optimizerDefaults]: { name: N } & Arguments<(typeof optimizerDefaults)[N]> & Decay;
    }[keyof typeof optimizerDefaults]
  | { name: 'lookahead'; of: OptimizerSpec; k: number; alpha: number };

/** As a client writes it: a name, and the arguments that are not to be fastai's defaults. */
export interface OptimizerRequest {
  name: OptimizerName;
  of?: OptimizerRequest;
  [argument: string]: unknown;
}

/** Fills in fastai's defaults. The request's arguments must have been checked before. */
export function completeOptimizer({ name, of, ...given }: OptimizerRequest): OptimizerSpec {
  const complete =
    name === 'lookahead'
      ? { name, of: completeOptimizer(of ?? { name: 'adam' }), ...lookaheadDefaults, ...given }
      : { name, ...optimizerDefaults[name], decouple_wd: true, ...given };
  return complete as OptimizerSpec;
}
