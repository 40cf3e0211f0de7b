/** A large model's step in a fresh process has the bits of the same step in another one. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const library = new URL('../../src/library/index.js', import.meta.url).href;
// Convolutions of this size are what TensorFlow's optimizer once ordered differently in each process.
const script = `
import { createHash } from 'node:crypto';
import { Learner } from ${JSON.stringify(library)};
const data = { random: { shape: [64, 64, 3], classes: 37, rows: 80, seed: 1 } };
const learn = await Learner.create({ data, model: { preset: 'resnet18' }, batchSize: 64, seed: 3, engine: 'tensorflow' });
await learn.fit(1, 0.01);
const hash = createHash('sha256');
for (const { buffer, byteOffset, byteLength } of learn.parameterValues()) hash.update(Buffer.from(buffer, byteOffset, byteLength));
console.log(hash.digest('hex'));
learn.dispose();
`;

test('a step of ResNet-18 has the same bits in every process', async () => {
  const run = promisify(execFile);
  const hashes = new Set<string>();
  for (let i = 0; i < 3; i++)
    hashes.add((await run(process.execPath, ['--input-type=module', '--eval', script])).stdout.trim());
  assert.equal(hashes.size, 1);
  assert.match([...hashes][0], /^[0-9a-f]{64}$/);
});
