import type { Batch } from '../data/index.js';
import type { Run } from '../engine/index.js';
import {
  evaluateName,
  stepOutline,
  trainInputs,
  trainName,
  variableNames,
  type StepPlan,
  type StepPosition,
} from './program.js';

/** What a model on an engine is made of; its freezings it learns when they are needed. */
export type ModelOnEnginePlan = Omit<StepPlan, 'frozen'>;

/**
 * A model's parameters and its optimizer's state, and the run that holds them while there is one. The run is made when
 * it is first needed, with every freezing that is known then, and made anew with the values it has when another comes.
 */
export class ModelOnEngine {
  private started: { run: Run; plan: StepPlan } | null = null;
  /** Of all variables, while there is no run. */
  private values: readonly Float32Array[];

  /** `parameters`: in the order of `plan.model.parameters`. */
  constructor(
    private readonly plan: ModelOnEnginePlan,
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
    return this.started?.run.mode ?? null;
  }

  /**
   * Makes a run that has steps for these freezings, unless there is one.
   * @throws OnecycleError `unsupported_by_engine` where the engine lacks a kernel
   */
  prepare(frozen: readonly number[]): void {
    this.prepared(frozen);
  }

  /** One training step, as `optimizer.frozenTo` freezes. Returns the batch's mean loss before it. */
  train(batch: Batch, position: StepPosition): number {
    const { frozenTo } = this.plan.optimizer;
    const { run, plan } = this.started ?? this.prepared([frozenTo]);
    return run.call(trainName(batch.rows, frozenTo, position.apply), trainInputs(plan, batch, position))[0][0];
  }

  /** Mean loss and outputs [rows × outputs] of a batch, as for inference. */
  evaluate(batch: Batch): { loss: number; output: Float32Array } {
    const { run } = this.started ?? this.prepared([this.plan.optimizer.frozenTo]);
    const [loss, output] = run.call(evaluateName(batch.rows), [batch.x, batch.y]);
    return { loss: loss[0], output };
  }

  /** All values in `names`' order, exact to the bit. */
  read(): readonly Float32Array[] {
    return this.started?.run.read() ?? this.values;
  }

  /** Sets all values, in `names`' order, exact to the bit. */
  write(values: readonly Float32Array[]): void {
    if (this.started === null) this.values = values;
    else this.started.run.write(values);
  }

  /** The parameters' values alone. */
  parameters(): Float32Array[] {
    return this.read().slice(0, this.plan.model.parameters.length);
  }

  /** The optimizer's state as if it had seen nothing. */
  clearState(): void {
    this.write(this.fresh(this.parameters()));
  }

  /** Takes the values back from the engine and frees its memory. */
  release(): void {
    if (this.started === null) return;
    const { run } = this.started;
    this.values = run.read();
    run.dispose();
    this.started = null;
  }

  private prepared(frozen: readonly number[]): { run: Run; plan: StepPlan } {
    const { started } = this;
    if (started !== null && frozen.every((index) => started.plan.frozen.includes(index))) return started;
    this.release();
    const plan = { ...this.plan, frozen: [...new Set(frozen)] };
    this.started = { run: plan.engine.build(stepOutline(plan, this.values)), plan };
    return this.started;
  }

  /** The values of all variables where these are the parameters' and nothing has trained. */
  private fresh(parameters: readonly Float32Array[]): Float32Array[] {
    const { model, optimizer, options } = this.plan;
    const trainable = parameters.filter((_, i) => model.parameters[i].kind !== 'statistic');
    const states = trainable.flatMap((value) => optimizer.stepper.slots.map(({ initial }) => initial(value)));
    const sums = options.accumulate === true ? trainable.map(({ length }) => new Float32Array(length)) : [];
    return [...parameters, ...states, ...sums];
  }
}
