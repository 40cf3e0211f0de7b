/** The jobs of a campaign: each trains for some seconds, and keeps something that a checkpoint must have. */

/** How often each makes a checkpoint. */
export const checkpointSeconds = 0.5;

const common = { checkpoint_seconds: checkpointSeconds, max_attempts: 100 };
const digits = { ...common, dataset: { builtin: 'digits' }, metrics: ['accuracy'] };
const iris = { ...common, dataset: { builtin: 'iris' }, batch_size: 16 };
const deep = { preset: 'mlp', hidden: [256, 256], dropout: 0.3 };

/** What to post, by name. */
export const specs: Readonly<Record<string, object>> = {
  'one cycle, dropout': {
    ...digits,
    policy: { name: 'fit_one_cycle', n_epoch: 200, lr_max: 0.003 },
    model: deep,
    callbacks: [{ name: 'save_best', monitor: 'valid_loss' }],
  },
  'fine tune, batch norm': {
    ...digits,
    policy: { name: 'fine_tune', epochs: 100, freeze_epochs: 50, base_lr: 0.002 },
    model: { ...deep, batch_norm: true },
  },
  'sgdr, sgd': {
    ...iris,
    policy: { name: 'fit_sgdr', n_cycles: 3, cycle_len: 60, lr_max: 0.01 },
    model: { preset: 'mlp', hidden: [512, 256], dropout: 0.2 },
    optimizer: { name: 'sgd', mom: 0.9 },
    callbacks: [{ name: 'gradient_accumulation', n_acc: 48 }],
  },
  lr_find: {
    ...digits,
    policy: { name: 'lr_find', num_it: 4000, end_lr: 1, stop_div: false },
    model: deep,
  },
};
