/** Job specs that several end-to-end tests post. */

/** Two epochs on the digits: done in a moment. */
export const short = {
  policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp' },
};

/** Trains for seconds, if nothing stops it. */
export const long = {
  policy: { name: 'fit', n_epoch: 200, lr: 0.001 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp' },
};

/** Trains until somebody ends it. */
export const endless = { ...long, policy: { ...long.policy, n_epoch: 1_000_000 } };
