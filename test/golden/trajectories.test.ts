/** Every run of every golden file, of the eager path those that compute otherwise, over HTTP, chained by `continue_from`: what fastai recorded, onecycle records. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NestedNumbers } from '../../src/models/spec.js';
import { Server, type JobRecord, type Metrics } from '../e2e/harness.js';
import { absolute, Comparison, relative } from './compare.js';
import { readSafetensors } from './safetensors.js';
import {
  isFinder,
  jobOf,
  readTrajectory,
  trajectoryFiles,
  type FinderRun,
  type FitRun,
  type Recorded,
  type Tolerance,
} from './trajectory.js';

interface Finder {
  lrs: number[];
  losses: number[];
  raw_losses: number[];
  suggestions: Record<string, number | null>;
  stopped: string;
}

const lossTolerance = 1e-4;
const flatten = (value: NestedNumbers): number[] => (typeof value === 'number' ? [value] : value.flatMap(flatten));

/** The iterations of one phase, `from` on. `own` is what the file itself allows. */
function comparePhase(
  comparison: Comparison,
  metrics: Metrics,
  from: number,
  expected: Recorded,
  own: Tolerance,
): void {
  const part = (column: number[] | undefined): number[] => (column ?? []).slice(from, from + expected.hypers.length);
  comparison.numbers(
    'raw_loss',
    part(metrics.raw_loss),
    expected.raw_losses,
    relative,
    own.raw_losses ?? lossTolerance,
  );
  comparison.numbers('loss', part(metrics.loss), expected.smooth_losses, relative, own.smooth_losses ?? lossTolerance);
  expected.hypers[0].forEach((hypers, group) => {
    for (const name of Object.keys(hypers)) {
      const values = expected.hypers.map((row) => row[group][name]);
      comparison.numbers(name, part(metrics.hypers[name]?.at(group)), values, relative, 1e-6);
    }
  });
}

async function compareFit(comparison: Comparison, server: Server, { id }: JobRecord, run: FitRun): Promise<void> {
  const metrics = await server.metrics(id);
  const frozen = run.frozen?.raw_losses.length ?? 0;
  comparison.equal('iterations', metrics.iteration.length, frozen + run.raw_losses.length);
  if (run.frozen) comparePhase(comparison, metrics, 0, run.frozen, {});
  comparePhase(comparison, metrics, frozen, run, run.tolerance);
  const epochs = metrics.epochs.filter(({ phase }) => phase === (run.frozen ? 1 : 0));
  comparison.numbers(
    'train_loss',
    epochs.map((epoch) => epoch.train_loss),
    run.epochs_train_valid_loss.map(([train]) => train),
    relative,
    lossTolerance,
  );
  comparison.numbers(
    'valid_loss',
    epochs.map((epoch) => epoch.valid_loss),
    run.epochs_train_valid_loss.map(([, valid]) => valid),
    relative,
    lossTolerance,
  );

  const tensors = readSafetensors(await (await fetch(`${server.url}/jobs/${id}/weights`)).arrayBuffer());
  comparison.equal('tensors', tensors.size, run.weights_after.length);
  for (const { layer, name, value } of run.weights_after) {
    comparison.numbers('weights', [...(tensors.get(`${layer}.${name}`) ?? [])], flatten(value), absolute, 1e-3);
  }
}

async function compareFinder(comparison: Comparison, server: Server, { id }: JobRecord, run: FinderRun): Promise<void> {
  const finder = (await server.ok(`/jobs/${id}/lr-find`)) as Finder;
  comparison.numbers('lrs', finder.lrs, run.lrs, relative, 1e-6);
  comparison.numbers(
    'raw_loss',
    finder.raw_losses,
    run.raw_losses,
    relative,
    run.tolerance.raw_losses ?? lossTolerance,
  );
  comparison.numbers('loss', finder.losses, run.smooth_losses, relative, run.tolerance.smooth_losses ?? lossTolerance);
  for (const [name, value] of Object.entries(run.suggestions)) {
    comparison.numbers('suggestions', [finder.suggestions[name]], [value], relative, run.tolerance.suggestions ?? 1e-4);
  }
  comparison.equal('stopped', finder.stopped, run.stopped_early ? 'diverged' : 'num_it');
}

/** What tells an engine from another: each optimizer, each kind of layer, frozen groups. Schedules are the same code. */
const computedOtherwise =
  /_(cnn_fine_tune|cnn_frozen_bn|linear_diverges|mlp_(one_cycle|fine_tune|l2|lamb|larc|qhadam|radam|ranger|rmsprop))\.json$/;

const engines = {
  tensorflow: { name: 'tensorflow', mode: 'compiled', env: {}, files: /./ },
  'tensorflow, eager': { name: 'tensorflow', mode: 'eager', env: { ONECYCLE_EAGER: '1' }, files: computedOtherwise },
  wasm: { name: 'wasm', mode: 'eager', env: {}, files: /./ },
};

for (const [engine, { name, mode, env, files }] of Object.entries(engines)) {
  describe(engine, () => {
    let server: Server;
    before(async () => {
      server = await Server.start({ env: { ONECYCLE_ENGINE: name, ...env } });
    });
    after(() => server.stop());

    for (const file of trajectoryFiles().filter((each) => files.test(each))) {
      const trajectory = readTrajectory(file);
      test(file, async (t) => {
        const comparison = new Comparison();
        let previous: string | undefined;
        for (const run of trajectory.runs) {
          const record = await server.run(jobOf(trajectory, run, previous));
          assert.deepEqual([record.engine?.name, record.engine?.mode], [name, mode]);
          await (isFinder(run)
            ? compareFinder(comparison, server, record, run)
            : compareFit(comparison, server, record, run));
          previous = record.id;
        }
        t.diagnostic(`${engine} ${file}: worst ${comparison.summary()}`);
        assert.deepEqual(comparison.failures.slice(0, 20), []);
      });
    }
  });
}
