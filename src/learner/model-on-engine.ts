import type { Batch } from '../data/index.js';
import type { Run } from '../engine/index.js';
import { type RunPlan, TrainingRun, variableNames } from './program.js';

/**
 * A model's parameters and its optimizer's state, and the run that holds them while there is one.
 * The run is made when it is first needed, with every freezing that is known then, and made anew with the values it has when another comes.
 */
export class ModelOnEngine {
  private run: TrainingRun | null = null;
  private values: readonly Float32Array[];

  constructor(
    private readonly plan: Omit<RunPlan, 'frozen'>,
    parameters: readonly Float32Array[],
  ) {
    this.values = this.fresh(parameters);
  }

  /** Names of the values: parameters `LAYER.NAME` first, then the optimizer's state. */
  get names(): string[] {
    const { model, optimizer, options } = this.plan;
    return variableNames(model, optimizer.stepper.slots, options.accumulate);
  }

  /** Null before there is a run. */
  get mode(): Run['mode'] | null {
    return this.run?.mode ?? null;
  }

  prepare(frozen: readonly number[]): void {
    const rows = this.plan.sizes.train.at(0) ?? 0;
    if (this.run !== null && frozen.every((index) => this.run!.has(rows, index))) return;
    this.release();
    this.run = new TrainingRun({ ...this.plan, frozen: [...new Set(frozen)] }, this.values);
  }

  train(batch: Batch, position: Parameters<TrainingRun['train']>[1]): number {
    return this.prepared().train(batch, position);
  }

  evaluate(batch: Batch): { loss: number; output: Float32Array } {
    return this.prepared().evaluate(batch);
  }

  /** In `names`' order, exact to the bit. */
  read(): readonly Float32Array[] {
    return this.run?.read() ?? this.values;
  }

  write(values: readonly Float32Array[]): void {
    if (this.run === null) this.values = values;
    else this.run.write(values);
  }

  parameters(): Float32Array[] {
    return this.read().slice(0, this.plan.model.parameters.length);
  }

  /** The optimizer's state as if it had seen nothing. */
  clearState(): void {
    this.write(this.fresh(this.parameters()));
  }

  /** Takes the values back from the engine and frees its memory. */
  release(): void {
    if (this.run === null) return;
    this.values = this.run.read();
    this.run.dispose();
    this.run = null;
  }

  private prepared(): TrainingRun {
    if (this.run === null) this.prepare([this.plan.optimizer.frozenTo]);
    return this.run!;
  }

  private fresh(parameters: readonly Float32Array[]): Float32Array[] {
    const { model, optimizer, options } = this.plan;
    const { slots } = optimizer.stepper;
    const trainable = parameters.filter((_, i) => model.parameters[i].kind !== 'statistic');
    const zeros = ({ length }: Float32Array) => new Float32Array(length);
    const states = trainable.flatMap((value) => slots.map(({ initial }) => initial(value)));
    return [...parameters, ...states, ...(options.accumulate === true ? trainable.map(zeros) : [])];
  }
}
