import { adam } from './adam.js';
import { lamb } from './lamb.js';
import { larc } from './larc.js';
import { lookahead } from './lookahead.js';
import { qhadam } from './qhadam.js';
import { radam } from './radam.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';
import type { OptimizerSpec } from '../spec.js';
import type { Stepper } from './stepper.js';

/** The arithmetic of an optimizer. An optimizer of one's own is a file like these and a line here. */
export function stepperOf(spec: OptimizerSpec): Stepper {
  switch (spec.name) {
    case 'sgd':
      return sgd(spec);
    case 'rmsprop':
      return rmsprop(spec);
    case 'adam':
      return adam;
    case 'radam':
      return radam(spec);
    case 'qhadam':
      return qhadam(spec);
    case 'larc':
      return larc(spec);
    case 'lamb':
      return lamb;
    case 'ranger':
      return lookahead(radam(spec), spec);
    case 'lookahead':
      return lookahead(stepperOf(spec.of), spec);
  }
}
