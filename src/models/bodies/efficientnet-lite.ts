import type { LayerSpec } from '../layers/index.js';
import { cutAt, type Body } from './body.js';

/** A stage of inverted residuals, as EfficientNet's authors write them down. */
interface Stage {
  repeats: number;
  kernel: number;
  stride: number;
  /** How many times as wide a block is inside. */
  expand: number;
  filters: number;
}

const stages: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expand: 1, filters: 16 },
  { repeats: 2, kernel: 3, stride: 2, expand: 6, filters: 24 },
  { repeats: 2, kernel: 5, stride: 2, expand: 6, filters: 40 },
  { repeats: 3, kernel: 3, stride: 2, expand: 6, filters: 80 },
  { repeats: 3, kernel: 5, stride: 1, expand: 6, filters: 112 },
  { repeats: 4, kernel: 5, stride: 2, expand: 6, filters: 192 },
  { repeats: 1, kernel: 3, stride: 1, expand: 6, filters: 320 },
];

/**
 * EfficientNet-Lite0: EfficientNet-B0 without squeeze-and-excitation and with ReLU6 (Google, "Higher accuracy on vision
 * models with EfficientNet-Lite", 2020), named as PyPI's efficientnet-lite-pytorch names its parts. Paddings are
 * TensorFlow's 'same', for which it was trained. One group, as fastai splits bodies that it does not know.
 */
export const efficientnetLite0: Body = {
  name: 'efficientnet_lite0',
  groups(input) {
    const layers: LayerSpec[] = [...input, ...activated(convolution(32, 3, 2, '_conv_stem'), '_bn0')];
    let channels = 32;
    let block = 0;
    for (const stage of stages) {
      for (let i = 0; i < stage.repeats; i++) {
        addBlock(layers, channels, { ...stage, stride: i === 0 ? stage.stride : 1, at: `_blocks.${block++}` });
        channels = stage.filters;
      }
    }
    layers.push(...activated(convolution(1280, 1, 1, '_conv_head'), '_bn1'));
    return cutAt(layers, [layers.length]);
  },
  pixels: (own) =>
    own ? { mean: Array<number>(3).fill(127 / 255), std: Array<number>(3).fill(128 / 255) } : 'imagenet',
};

const convolution = (filters: number, kernel: number, stride: number, name: string): LayerSpec => ({
  type: 'conv2d',
  filters,
  kernel,
  stride,
  padding: 'same',
  use_bias: false,
  name,
});

/** The package's own numbers: PyTorch's momentum is 0.01. */
const norm = (name: string) => ({ type: 'batch_norm', eps: 1e-3, momentum: 0.99, name }) as const;

const activated = (layer: LayerSpec, name: string): LayerSpec[] => [
  layer,
  norm(name),
  { type: 'activation', function: 'relu6' },
];

/** Wider by 1x1, filtered channel by channel, narrower by 1x1; added to what went in where the shape stays. */
function addBlock(layers: LayerSpec[], channels: number, block: Omit<Stage, 'repeats'> & { at: string }): void {
  const { kernel, stride, expand, filters, at } = block;
  const input = layers.length - 1;
  if (expand > 1) layers.push(...activated(convolution(channels * expand, 1, 1, `${at}._expand_conv`), `${at}._bn0`));
  const name = `${at}._depthwise_conv`;
  layers.push(
    ...activated({ type: 'depthwise_conv2d', kernel, stride, padding: 'same', use_bias: false, name }, `${at}._bn1`),
    convolution(filters, 1, 1, `${at}._project_conv`),
    norm(`${at}._bn2`),
  );
  if (stride === 1 && channels === filters) layers.push({ type: 'add', inputs: [layers.length - 1, input] });
}
