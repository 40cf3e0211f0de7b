/** fastai's AvgSmoothLoss: an exponential average of the losses, debiased as Adam debiases its averages. */
export class SmoothLoss {
  private average = 0;
  private count = 0;

  /** `beta`: how much of the average stays when a loss is added; fastai's 0.98 if left out. */
  constructor(private readonly beta = 0.98) {}

  /** Forgets every loss. */
  reset(): void {
    this.average = 0;
    this.count = 0;
  }

  /** Takes in one batch's loss. */
  add(loss: number): void {
    this.average = loss + this.beta * (this.average - loss);
    this.count++;
  }

  /** NaN before the first loss. */
  get value(): number {
    return this.average / (1 - this.beta ** this.count);
  }

  /** What a checkpoint keeps of it. */
  state(): Record<string, unknown> {
    return { average: this.average, count: this.count };
  }

  /** Goes on from a `state`. */
  restore(state: Record<string, unknown>): void {
    this.average = Number(state.average);
    this.count = Number(state.count);
  }
}
