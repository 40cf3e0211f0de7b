// Writes mobilenet_v2.json: what the MobileNetV2 of npm's nsfwjs 4.3.0 answers, its head left out, by TensorFlow.js's own
// LayersModel on its JavaScript backend. Run it with the folder of the unpacked package, in CommonJS:
//   node mobilenet_v2.js .../package > mobilenet_v2.json
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

const [size, rows, seed] = [64, 2, 1];
const require = createRequire(import.meta.url);
const folder = join(process.argv[2], 'dist', 'models', 'mobilenet_v2');
const json = require(join(folder, 'model.min.js'));
const shard = Buffer.from(require(join(folder, 'group1-shard1of1.min.js')), 'base64');
const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);

/** As `unit` of formula.py. */
function scramble(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
const start = scramble(scramble(seed) + 1000);
const x = Float32Array.from({ length: rows * size * size * 3 }, (_, i) => (2 * scramble((start + i) | 0)) / 2 ** 32 - 1);

// Its own head is for pictures of one size: it is cut off, and the weights with it.
const topology = JSON.parse(JSON.stringify(json.modelTopology).replaceAll('[null,224,224,3]', `[null,${size},${size},3]`));
const { config } = topology.model_config;
config.layers = config.layers.slice(0, config.layers.findIndex(({ name }) => name === 'out_relu') + 1);
config.output_layers = [['out_relu', 0, 0]];
await tf.setBackend('cpu');
const weightData = shard.buffer.slice(shard.byteOffset, shard.byteOffset + shard.length);
const artifacts = tf.io.fromMemory({ modelTopology: topology, weightSpecs, weightData });
const body = await tf.loadLayersModel(artifacts, { strict: false });
const means = body.predict(tf.tensor(x, [rows, size, size, 3])).mean([1, 2]).arraySync();
const every8th = means.map((row) => row.filter((_, i) => i % 8 === 0).map((value) => Number(value.toPrecision(7))));
console.log(JSON.stringify([{ seed, x_shape: [size, size, 3], rows, means: every8th }]));
