/** How long a job is, and how much memory its training takes at least: of its spec alone, before anything runs. */
import { trainRows } from '../data/split/index.js';
import { invalidSpec } from '../errors.js';
import { planModel } from '../models/plan.js';
import type { ModelPlan } from '../models/spec.js';
import { product } from '../numbers/nested.js';
import { stepperOf } from '../optimizer/index.js';
import { isFromLrFind, planPolicy, type PolicySpec } from '../schedule/index.js';
import { datasetInfo } from './dataset.js';
import { without } from './model.js';
import type { JobSpec } from './spec.js';

const bytesPerNumber = 4;

/** What a job has of a service at most; null: no bound. */
export interface Bounds {
  maxIterations: number | null;
  /** Of jobs that are posted without. */
  timeoutSeconds: number | null;
}

/** The spec as the service runs it. @throws OnecycleError `invalid_spec` where it is too long */
export function bounded(spec: JobSpec, { maxIterations, timeoutSeconds }: Bounds, ownTimeout: boolean): JobSpec {
  if (maxIterations !== null) {
    const iterations = iterationsOf(spec);
    if (iterations > maxIterations)
      throw invalidSpec(
        '/policy',
        `must make at most ${maxIterations} iterations on this service (ONECYCLE_MAX_ITERATIONS), not ${iterations}`,
      );
  }
  return ownTimeout ? spec : { ...spec, timeout_seconds: timeoutSeconds };
}

const plans = new WeakMap<JobSpec, ModelPlan>();

/** A spec's plan, made once for all that is asked of it. */
function planOf(spec: JobSpec): ModelPlan {
  const plan = plans.get(spec) ?? planModel(without(spec.model, 'weights', 'stored'), datasetInfo(spec));
  plans.set(spec, plan);
  return plan;
}

/** Iterations over all phases. */
export function iterationsOf(spec: JobSpec): number {
  const info = datasetInfo(spec);
  const batches = trainRows(spec.split, info.rows) / spec.batch_size;
  const groups = planOf(spec).param_groups.length;
  const batchesPerEpoch = Math.max(1, spec.drop_last ? Math.floor(batches) : Math.ceil(batches));
  const phases = planPolicy(withAnyRate(spec.policy), { groups, batchesPerEpoch });
  return phases.reduce((sum, { n_iteration }) => sum + n_iteration, 0);
}

/** Multiplications of the model's kernels for a batch, forward. What makes of a row a few lookups counts as if it multiplied. */
export function workOf(spec: JobSpec): number {
  const info = datasetInfo(spec);
  const { parameters, layer_shapes } = planModel(without(spec.model, 'weights', 'stored'), info);
  const rows = Math.min(spec.batch_size, trainRows(spec.split, info.rows));
  const positions = (shape: number[]): number => product(shape.slice(0, -1));
  const kernels = parameters.filter(({ kind }) => kind === 'weight');
  return rows * kernels.reduce((sum, { layer, shape }) => sum + product(shape) * positions(layer_shapes[layer]), 0);
}

/** What training takes at least. */
export interface MemoryEstimate {
  bytes: number;
  /** Of that: parameters, their gradients and the optimizer's state. */
  parameterBytes: number;
  rows: number;
}

/** The parameters with their gradients and the optimizer's state, and each layer's output for a batch, kept for the gradients. */
export function memoryOf(spec: JobSpec): MemoryEstimate {
  const info = datasetInfo(spec);
  const { parameters, layer_shapes, input_shape } = planOf(spec);
  const rows = Math.min(spec.batch_size, trainRows(spec.split, info.rows));
  const copies = 2 + stepperOf(spec.optimizer).slots.length;
  const parameterBytes = bytesPerNumber * copies * parameters.reduce((sum, { shape }) => sum + product(shape), 0);
  const row = [input_shape, ...layer_shapes].reduce((sum, shape) => sum + product(shape), 0);
  return { bytes: parameterBytes + bytesPerNumber * rows * row, parameterBytes, rows };
}

/** @throws OnecycleError `invalid_spec` where training takes more than there is on any worker. */
export function checkMemory({ bytes, parameterBytes, rows }: MemoryEstimate, available: number): void {
  if (bytes <= available) return;
  const needed = `training needs at least ${gibibytes(bytes)}: ${gibibytes(parameterBytes)} for parameters, gradients and optimizer`;
  throw invalidSpec(
    parameterBytes > available ? '/model' : '/batch_size',
    `${needed}, the rest for a batch of ${rows} rows; the worker with the most memory has ${gibibytes(available)}`,
  );
}

/** @throws OnecycleError `invalid_spec` where the job states more than any card has, or less than training takes. */
export function checkGpuMemory(stated: number, { bytes }: MemoryEstimate, largest: number | null): void {
  if (largest !== null && stated > largest)
    throw invalidSpec(
      '/gpu_memory_bytes',
      `must be at most ${largest}: the GPU with the most memory has ${gibibytes(largest)} for jobs`,
    );
  if (stated < bytes)
    throw invalidSpec('/gpu_memory_bytes', `must be at least ${bytes}: training needs at least ${gibibytes(bytes)}`);
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

/** How long a policy is does not depend on its rate, which a finder may have yet to find. */
const withAnyRate = (policy: PolicySpec): PolicySpec =>
  Object.fromEntries(
    Object.entries(policy).map(([name, value]: [string, unknown]) => [name, isFromLrFind(value) ? 1e-3 : value]),
  ) as PolicySpec;
