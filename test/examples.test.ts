/** Every example runs as it stands, and its own assertions hold. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onecycle-examples-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What an example prints last, and what it leaves in the folder that it is given. */
const expected: Record<string, { says: RegExp; leaves?: string[] }> = {
  'callback-schedule.js': {
    says: /All cells hold/,
    leaves: ['annealings.svg', 'fit_sgdr.svg', 'lr_find.svg', 'loss.svg'],
  },
  'digits.js': { says: /still says 0/, leaves: ['digits.safetensors', 'digits.onnx'] },
  'tabular.js': { says: /A house with five rooms: 2\d\d/ },
};

for (const [file, { says, leaves = [] }] of Object.entries(expected))
  test(`examples/${file}`, async () => {
    const out = mkdtempSync(join(folder, 'out-'));
    const env = { ...process.env, TMPDIR: folder };
    const { stdout } = await promisify(execFile)(process.execPath, [join(examples, file), out], { env });
    assert.match(stdout, says);
    const left = readdirSync(out);
    for (const each of leaves) assert.ok(left.includes(each), each);
  });

test('the page on the examples names each of them', () => {
  const page = readFileSync(join(examples, 'README.md'), 'utf8');
  const files = readdirSync(examples).filter((file) => file.endsWith('.js'));
  for (const file of files) assert.ok(page.includes(`](${file})`), file);
});
