import { defaulted } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { defineOptimizer } from './define.js';
import { lookaheadArgs, lookaheadStepper } from './lookahead.js';
import { radamArgs, radamStepper } from './radam.js';

/** fastai's `ranger`: Lookahead around RAdam, with its own defaults. */
export const ranger = defineOptimizer('ranger', {
  description: 'Lookahead around RAdam',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.95),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.99),
    eps: defaulted(hyperSchemas.eps(), 1e-6),
    wd: defaulted(hyperSchemas.wd(), 0.01),
  },
  args: { ...radamArgs, ...lookaheadArgs },
  stepper: (spec) => lookaheadStepper(radamStepper(spec), spec),
});
