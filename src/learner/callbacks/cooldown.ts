import { schedCos } from '../../schedule/index.js';
import type { Callback } from '../events.js';
import type { CallbackState, LearnerView } from '../view.js';

/** Anneals every group's rate from where it stands to zero, along a cosine; the other hypers stay. */
export class Cooldown implements Callback {
  readonly name = 'cooldown';
  readonly order = 60;
  readonly runValid = false;
  /** By parameter group. */
  private start: number[] = [];

  /** `iterations` of the fit that it takes. */
  constructor(private readonly iterations: number) {}

  before_fit({ optimizer }: LearnerView): void {
    this.start = optimizer.hypers.map(({ lr }) => lr);
  }

  before_batch({ optimizer, fitIteration }: LearnerView): void {
    const position = fitIteration / this.iterations;
    optimizer.setHyper(
      'lr',
      this.start.map((lr) => schedCos(lr, 0, position)),
    );
  }

  state(): CallbackState {
    return { start: this.start };
  }

  restore({ start }: CallbackState): void {
    this.start = start as number[];
  }
}
