/** When a run will have ended, as a virtual clock tells: by table, and for every run that keeps its pace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FinishEstimate } from '../../src/jobs/log/estimate.js';

/** A run on a virtual clock, which says where it is as a trainer does: some batches a frame, a frame an epoch. */
class Run {
  readonly #estimate = new FinishEstimate();
  readonly #plan: { n_epoch: number | null; n_iteration: number | null };
  #nowMs = 1000;
  #position = { phase: 0, epoch: 0, iteration: 0 };

  constructor(n_epoch: number | null, n_iteration: number | null, resumed = {}) {
    this.#plan = { n_epoch, n_iteration };
    this.#position = { ...this.#position, ...resumed };
  }

  /** Nothing is heard for a while. */
  wait(ms: number): this {
    this.#nowMs += ms;
    return this;
  }

  /** Steps of `ms` each; a frame after each `perFrame` of them. */
  steps(count: number, ms: number, perFrame = 1): this {
    for (let step = 1; step <= count; step++) {
      this.#nowMs += ms;
      this.#position.iteration++;
      if (step % perFrame === 0 || step === count) this.#say();
    }
    return this;
  }

  /** As many steps that come to be heard of in one moment, a frame each. */
  burst(count: number, ms: number): this {
    return this.wait(count * ms).steps(count, 0);
  }

  /** Validation, and the end of the epoch. */
  validation(ms: number): this {
    this.#nowMs += ms;
    this.#position.epoch++;
    this.#say();
    return this;
  }

  epochs(count: number, steps: number, ms: number, validationMs: number): this {
    for (let epoch = 0; epoch < count; epoch++) this.steps(steps, ms).validation(validationMs);
    return this;
  }

  phase(phase: number): this {
    this.#position.phase = phase;
    return this;
  }

  get remainingMs(): number | null {
    return this.#estimate.remainingMs({ ...this.#position, ...this.#plan });
  }

  #say(): void {
    this.#estimate.observe(this.#nowMs, this.#position);
  }
}

const cases: [what: string, run: Run, remainingMs: number | null][] = [
  ['nothing has happened', new Run(10, 1000), null],
  ['one step is no measure: it compiled', new Run(10, 1000).wait(30_000).steps(1, 900), null],
  ['two frames in one moment are none', new Run(10, 1000).steps(1, 900).steps(1, 0), null],
  ['no plan is known', new Run(null, null).steps(10, 1000), null],
  ['slow steps: the third frame tells of two', new Run(1, 1000).steps(3, 5000), 997 * 5000],
  ['quick steps, many a frame', new Run(1, 100_000).steps(10_000, 0.5, 40), 90_000 * 0.5],
  ['a start that stalled does not count', new Run(1, 1000).wait(600_000).steps(100, 100), 900 * 100],
  ['nor does a first step that compiled', new Run(1, 1000).steps(1, 60_000).steps(99, 100), 900 * 100],
  ['a stall in the middle', new Run(1, 1000).steps(90, 100).wait(3_600_000).steps(10, 100), 900 * 100],
  ['steps of which some are slow', new Run(1, 1000).steps(80, 300).steps(9, 900).steps(11, 300), 900 * 300],
  ['a run that becomes slower: its last steps say', new Run(1, 1000).steps(100, 300).steps(100, 700), 800 * 700],
  ['frames that come in bursts', new Run(1, 10_000).burst(1, 5).burst(400, 5).burst(400, 5).burst(399, 5), 44_000],
  ['validation is not known before the first', new Run(10, 1000).steps(50, 100), 950 * 100],
  ['then it counts for each epoch', new Run(10, 1000).epochs(1, 100, 100, 4000), 900 * 100 + 9 * 4000],
  ['in an epoch too', new Run(10, 1000).epochs(3, 100, 100, 4000).steps(50, 100), 650 * 100 + 7 * 4000],
  ['before the last validation', new Run(10, 1000).epochs(9, 100, 100, 4000).steps(100, 100), 4000],
  ['a validation that stalled', new Run(10, 500).epochs(2, 50, 100, 900).epochs(1, 50, 100, 1e6), 350 * 100 + 7 * 900],
  ['epochs of two steps', new Run(10, 20).epochs(4, 2, 1000, 3000), 12 * 1000 + 6 * 3000],
  ['epochs shorter than is measured', new Run(1000, 20_000).epochs(100, 20, 1, 10), 900 * 30],
  [
    'such epochs after steps that were slow while all warmed up',
    new Run(4000, 80_000).steps(1, 400).steps(3, 250).steps(16, 1).validation(10).epochs(200, 20, 1, 10),
    3799 * 30,
  ],
  ['the end', new Run(4, 400).epochs(4, 100, 100, 4000), 0],
  ['more than was planned', new Run(1, 100).steps(200, 100), 0],
  [
    'a phase that is slower: from its second step on, without the one that compiled',
    new Run(2, 200).steps(100, 100).validation(500).phase(1).steps(1, 20_000).steps(9, 300),
    90 * 300 + 500,
  ],
  [
    'until then as the phase before',
    new Run(2, 200).steps(100, 100).validation(500).phase(1).steps(1, 20_000),
    99 * 100 + 500,
  ],
  [
    'an attempt that goes on in the middle of an epoch measures itself',
    new Run(10, 1000, { epoch: 5, iteration: 550 }).wait(9000).steps(50, 100).validation(4000),
    400 * 100 + 4 * 4000,
  ],
];

for (const [what, run, remainingMs] of cases) {
  test(`what remains: ${what}`, () => {
    if (remainingMs === null) assert.equal(run.remainingMs, null);
    else assert.ok(Math.abs(run.remainingMs! - remainingMs) <= 0.03 * remainingMs, `${run.remainingMs}`);
  });
}

test('of every run that keeps its pace the remaining time is right once two epochs have ended', () => {
  const pace = fc.record({
    steps: fc.integer({ min: 1, max: 200 }),
    stepMs: fc.double({ min: 1, max: 1000, noNaN: true }),
    validationMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
    done: fc.integer({ min: 3, max: 8 }),
  });
  fc.assert(
    fc.property(pace, ({ steps, stepMs, validationMs, done }) => {
      const epochMs = steps * stepMs + validationMs;
      fc.pre(epochMs > 400);
      const run = new Run(10, 10 * steps).epochs(done, steps, stepMs, validationMs);
      const remainingMs = (10 - done) * epochMs;
      assert.ok(Math.abs(run.remainingMs! - remainingMs) <= 0.1 * remainingMs, `${run.remainingMs} ~ ${remainingMs}`);
    }),
  );
});
