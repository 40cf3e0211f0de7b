/**
 * onecycle's side: the Learner as a trainer runs it, callbacks and frames on. Commands come as lines of JSON
 * (bench/contender.ts).
 */
import { createInterface } from 'node:readline';
import { engineSettings } from '../src/config.js';
import { addonTensorCount } from '../src/engine/native/backend.js';
import { FailOnNaN } from '../src/learner/callbacks/index.js';
import {
  BatchLoader,
  cancelValidate,
  fitOneCycle,
  Learner,
  loadDataset,
  loadEngine,
  planModel,
  Recorder,
  type Callback,
} from '../src/learner/index.js';
import { FrameBuffer } from '../workers/trainer/frame-buffer.js';
import { Stopwatch } from '../src/learner/callbacks/stopwatch.js';
import type { Answer, Command, MemoryAt } from './contender.js';
import type { Workload } from './workloads.js';

const engine = await loadEngine({ ...engineSettings(), name: 'tensorflow' });
const lr_max = 1e-3;
/** The steps of a long run at which memory is looked at. */
const marks = [1000, 10_000];

/** A turn trains; evaluation is measured by itself. */
const trainingOnly: Callback = {
  name: 'training_only',
  before_validate: () => {
    throw cancelValidate();
  },
};

class Side {
  private begun: Learner | null = null;

  /** The learner of the last `begin`. */
  private get learn(): Learner {
    if (this.begun === null) throw new Error('the first command is begin');
    return this.begun;
  }

  async begin(workload: Workload): Promise<Answer<'begin'>> {
    const { batch, batches, shape, classes, outputs } = workload;
    const rows = batch * batches;
    const target = classes === undefined ? { outputs: outputs! } : { classes };
    const dataset = loadDataset({ random: { shape, rows, seed: 1, ...target } });
    const started = performance.now();
    const loader = new BatchLoader({ dataset, rows: Int32Array.from({ length: rows }, (_, i) => i), batchSize: batch });
    const recorder = new Recorder([], false);
    this.begun = new Learner({
      engine,
      model: planModel(workload.model, dataset),
      data: { dataset, train: loader, valid: loader },
      loss: classes === undefined ? 'mse' : 'cross_entropy',
      callbacks: [new FailOnNaN(), new Stopwatch()],
      recorder,
    });
    let first = NaN;
    recorder.onBatch = () => (first = Number.isNaN(first) ? performance.now() : first);
    await this.trainPass();
    const frames = new FrameBuffer((frame) => void process.send!({ type: 'frame', frame }));
    recorder.onBatch = (record) => frames.add(record);
    recorder.onEpoch = () => frames.flush();
    return { first_step_ms: first - started };
  }

  async train(): Promise<Answer<'train'>> {
    const started = performance.now();
    await this.trainPass();
    return { step_ms: (performance.now() - started) / this.learn.options.data.train.batches };
  }

  async evaluate(): Promise<Answer<'evaluate'>> {
    const { train } = this.learn.options.data;
    const started = performance.now();
    for (const batch of train.epoch(0)) this.learn.evaluate(batch instanceof Promise ? await batch : batch);
    return { rows_per_second: (train.rows / (performance.now() - started)) * 1000 };
  }

  peak_memory(): Answer<'peak_memory'> {
    return { peak_bytes: process.resourceUsage().maxRSS * 1024 };
  }

  async long_run(): Promise<Answer<'long_run'>> {
    const { learn } = this;
    const memory = [memoryAt(learn.iterationsDone)];
    const watch: Callback = {
      name: 'watch_memory',
      after_batch: ({ iterationsDone }) => {
        if (marks.includes(iterationsDone)) memory.push(memoryAt(iterationsDone));
      },
    };
    await this.trainPass((marks.at(-1)! - learn.iterationsDone) / learn.options.data.train.batches, [watch]);
    return { memory };
  }

  private trainPass(n_epoch = 1, callbacks: readonly Callback[] = []): Promise<void> {
    return fitOneCycle(this.learn, { n_epoch, lr_max }, { callbacks: [trainingOnly, ...callbacks] });
  }
}

function memoryAt(steps: number): MemoryAt {
  const { tf } = engine;
  const { rss, heapUsed } = process.memoryUsage();
  return {
    steps,
    tensors: tf.memory().numTensors,
    addon_tensors: addonTensorCount(engine),
    resident_bytes: rss,
    heap_bytes: heapUsed,
  };
}

const side = new Side();
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as { do: Command; workload: Workload };
  console.log(JSON.stringify(await side[command.do](command.workload)));
}
