// Hashes all of ours that may shape a compiled graph, for the keys that graphs are kept by (src/engine/native/graphs).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The engine and all that runs while it traces a step; and TensorFlow.js's kernels as we take them over. */
const folders = ['src/data', 'src/engine', 'src/learner', 'src/models', 'src/numbers', 'src/optimizer', 'src/schema'];
const output = 'dist/src/engine/native/graphs/sources.sha256';

/** Who reads it meanwhile gets the old one or the new one. */
function writeWhole(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

export function writeSourcesHash(root) {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => /\.(ts|cc|h|inc)$/.test(file))
      .map((file) => join(folder, file))
      .sort(),
  );
  const hash = createHash('sha256');
  for (const file of [...sources, 'vendor/tfjs-node-gpu/kernels.js']) {
    const content = readFileSync(join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  writeWhole(join(root, output), hash.digest('hex'));
}
