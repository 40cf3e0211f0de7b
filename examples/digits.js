// @ts-check
/** The short way: find a learning rate for handwritten digits, train at it, predict, and keep the model. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Learner, loadLearner } from 'onecycle/learner';

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'digits-'));

const learn = await Learner.create({ data: 'digits', model: { preset: 'mlp', hidden: [64] }, metrics: ['accuracy'] });

const { valley } = await learn.lrFind();
await learn.fitOneCycle(10, { lrMax: valley ?? 0.005 });
const { loss, metrics } = await learn.validate();
console.log(`Trained at ${valley?.toFixed(4)}: loss ${loss.toFixed(4)}, accuracy ${metrics.accuracy.toFixed(4)}`);

// A row is the 64 pixels of a picture, each from 0 to 1: here a ring.
const ring = [
  [0, 0, 1, 1, 1, 1, 0, 0],
  [0, 1, 1, 0, 0, 1, 1, 0],
  [0, 1, 0, 0, 0, 0, 1, 0],
  [0, 1, 0, 0, 0, 0, 1, 0],
  [0, 1, 0, 0, 0, 0, 1, 0],
  [0, 1, 0, 0, 0, 0, 1, 0],
  [0, 1, 1, 0, 0, 1, 1, 0],
  [0, 0, 1, 1, 1, 1, 0, 0],
].flat();
const [answer] = await learn.predict([ring]);
if ('class' in answer) console.log(`The ring is a ${answer.class}`);

await learn.save(join(folder, 'digits.safetensors')); // to train on
await learn.export(join(folder, 'digits.onnx')); // to predict with, elsewhere
learn.dispose();

const model = await loadLearner(join(folder, 'digits.safetensors'));
const [again] = await model.predict([ring]);
if ('class' in again) console.log(`Read from ${folder}, the model still says ${again.class}`);
model.dispose();
