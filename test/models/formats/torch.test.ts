import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { importModel } from '../../../src/models/formats/model-file.js';
import { readSafetensors } from '../../../src/models/index.js';
import { root } from '../../e2e/harness.js';

type Files = Record<
  'archive' | 'legacy' | 'half' | 'brain' | 'parameter' | 'malicious' | 'malicious_pickle',
  string
> & {
  module: string;
  weight: number[][];
};

const files = JSON.parse(readFileSync(join(root, 'test', 'models', 'formats', 'state_dicts.json'), 'utf8')) as Files;
const folder = mkdtempSync(join(tmpdir(), 'onecycle-torch-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function imported(bytes: Uint8Array) {
  const [file, weights] = [join(folder, 'file'), join(folder, 'weights')];
  writeFileSync(file, bytes);
  const model = await importModel(file, weights);
  return { ...model, values: readSafetensors(readFileSync(weights)).tensors };
}
const decoded = (name: Exclude<keyof Files, 'weight'>): Buffer => Buffer.from(files[name], 'base64');

for (const name of ['archive', 'legacy', 'half', 'brain'] as const) {
  test(`a state_dict is read: ${name}`, async () => {
    const { format, layers, tensors, values } = await imported(decoded(name));
    assert.deepEqual([format, layers], ['torch', null]);
    assert.deepEqual(tensors, [
      { name: 'fc.weight', shape: [2, 3] },
      { name: 'fc.bias', shape: [2] },
      { name: 'fc.turned', shape: [3, 2] },
    ]);
    const [[a, b, c], [d, e, f]] = files.weight;
    assert.deepEqual([...values.get('fc.weight')!.data], [a, b, c, d, e, f]);
    assert.deepEqual([...values.get('fc.turned')!.data], [a, d, b, e, c, f]);
    assert.deepEqual([...values.get('fc.bias')!.data], [0.5, -1]);
  });
}

test('parameters are tensors', async () => {
  assert.deepEqual((await imported(decoded('parameter'))).tensors, [{ name: 'fc.weight', shape: [2, 3] }]);
});

describe('what is no state_dict is refused, by the name of what it asks for', () => {
  const whole = decoded('archive');
  const table: [string, Uint8Array, RegExp][] = [
    ['a pickle in an archive that would execute something', decoded('malicious'), /asks for (posix|nt|os)\.system/],
    ['a bare pickle that would', decoded('malicious_pickle'), /pickle that was not written by torch\.save/],
    ['a whole module', decoded('module'), /asks for torch\.nn\.modules\.linear\.Linear/],
    ['an archive that is cut off', whole.subarray(0, whole.length - 60), /damaged zip/],
    ['a pickle of the old form that is cut off', decoded('legacy').subarray(0, 150), /truncated/],
    ['weights of the old form that are cut off', decoded('legacy').subarray(0, -4), /truncated/],
    ['a text', Buffer.from('these are no weights, but words'), /neither a zip archive nor safetensors/],
    ['nothing', Buffer.alloc(0), /too short/],
  ];
  for (const [name, bytes, message] of table) {
    test(name, async () => {
      await assert.rejects(imported(bytes), { code: 'invalid_model', message });
      assert.ok(!existsSync('/tmp/onecycle-was-here'));
    });
  }

  test('a byte that is another than it was', async () => {
    const bytes = Buffer.from(whole);
    const at = bytes.indexOf(Buffer.from(Float32Array.of(0.25, 0.5).buffer));
    bytes[at + 1] ^= 0x40;
    await assert.rejects(imported(bytes), { code: 'invalid_model', message: /checksum/ });
  });
});
