/** What a trainer computes with, as its checkpoints say it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadEngine } from '../../src/engine/index.js';
import { machineOf } from '../../workers/trainer/resume.js';

test('the same processor is the same; of a card no two runs are, nor another mode or other switches', async () => {
  const cpu = await loadEngine({ name: 'tensorflow' });
  assert.equal(machineOf(cpu, 'compiled'), machineOf(cpu, 'compiled'));
  assert.notEqual(machineOf(cpu, 'compiled'), machineOf(cpu, 'eager'));
  const here = machineOf(cpu, 'compiled');
  process.env.ONEDNN_MAX_CPU_ISA = 'SSE41';
  assert.notEqual(machineOf(cpu, 'compiled'), here);
  delete process.env.ONEDNN_MAX_CPU_ISA;
  const card = Object.assign(Object.create(cpu) as typeof cpu, { device: 'gpu:0' });
  assert.notEqual(machineOf(card, 'compiled'), machineOf(card, 'compiled'));
});
