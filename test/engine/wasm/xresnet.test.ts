import { test } from 'node:test';
import { createWasmEngine } from '../../../src/engine/wasm/index.js';
import { compareWithFastai } from '../../golden/one-step.js';

const engine = await createWasmEngine();

test('xresnet18 on WebAssembly: logits, gradients, statistics and a step as fastai’s', () =>
  void compareWithFastai(engine, 'xresnet18'));
