import { Type, type Static } from 'typebox';
import { complete } from '../../schema/complete.js';
import { defaulted, NotNegative, strict } from '../../schema/fields.js';
import type { LearnerView } from '../view.js';
import { defineCallback } from './callback.js';
import { patientArguments, PatientTracker } from './tracker.js';

const Arguments = strict({
  ...patientArguments,
  factor: defaulted(Type.Number({ exclusiveMinimum: 1, description: 'What the rate is divided by' }), 10),
  min_lr: defaulted(NotNegative('Lower bound of the rate'), 0),
});

/**
 * fastai's ReduceLROnPlateau: divides every group's rate by `factor` after `patience` epochs without an improvement,
 * down to `min_lr`.
 */
export class ReduceLROnPlateau extends PatientTracker {
  readonly name = 'reduce_lr_on_plateau';
  readonly order = 62;
  private readonly factor: number;
  private readonly minLr: number;

  constructor(options: Static<typeof Arguments> = {}) {
    super(options);
    const { factor, min_lr } = complete(Arguments, options);
    this.factor = factor;
    this.minLr = min_lr;
  }

  protected override afterPatience({ optimizer }: LearnerView): void {
    optimizer.setHyper(
      'lr',
      optimizer.hypers.map(({ lr }) => Math.max(lr / this.factor, this.minLr)),
    );
    this.wait = 0;
  }
}

/** `reduce_lr_on_plateau`, as a request names it. */
export const reduceLROnPlateau = defineCallback({
  name: 'reduce_lr_on_plateau',
  description:
    "Divides every group's rate by `factor` after `patience` epochs without an improvement, down to `min_lr` " +
    "(fastai's ReduceLROnPlateau). Useful with a constant rate only: a schedule sets the rate before each batch",
  arguments: Arguments.properties,
  create: (args) => ({ callback: new ReduceLROnPlateau(args) }),
});
