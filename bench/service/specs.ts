/** The jobs that are posted. */

/** A small one, on real data. */
export const tiny = {
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [16] },
};

/** For the trainer that computes nothing (trainer.ts). */
export const nothing = (tags: { batches: number; rate?: number; stamps?: string; began?: string }) => ({
  ...tiny,
  tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)])),
});

/** Training that keeps a core busy for some time, `batch` rows a step, and notes when each batch was done. */
export const busy = (batch: number, n_epoch: number, stamps: string) => ({
  policy: { name: 'fit', n_epoch, lr: 1e-4 },
  dataset: { random: { shape: [784], classes: 10, rows: 21 * batch, seed: 1 } },
  split: { train_rows: 20 * batch },
  model: { preset: 'mlp', hidden: [1024, 1024] },
  batch_size: batch,
  callbacks: [{ name: 'stamp', file: stamps }],
});
