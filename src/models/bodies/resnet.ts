import type { LayerSpec } from '../layers/index.js';
import { cutAt, type Body } from './body.js';

/**
 * The ResNets (He and others, "Deep residual learning for image recognition", 2015), layer by layer and name by name as
 * torchvision has them: `blocks` per stage, basic ones, or bottlenecks, four times as wide at their end. Groups as
 * fastai's `_resnet_split`: up to the second stage, the other two.
 */
export const resnet = (name: string, kind: 'basic' | 'bottleneck', blocks: readonly number[]): Body => ({
  name,
  pixels: () => 'imagenet',
  groups(input) {
    const layers = [...input, ...stem];
    const ends = blocks.map((count, stage) => {
      for (let i = 0; i < count; i++) addBlock(layers, kind, { stage, i, channelsBefore: channelsBefore(kind, stage) });
      return layers.length;
    });
    return cutAt(layers, [ends[1], ends[3]]);
  },
});

/** Basic blocks in stages of 2, 2, 2 and 2. */
export const resnet18 = resnet('resnet18', 'basic', [2, 2, 2, 2]);
/** Basic blocks in stages of 3, 4, 6 and 3. */
export const resnet34 = resnet('resnet34', 'basic', [3, 4, 6, 3]);
/** Bottlenecks in stages of 3, 4, 6 and 3. */
export const resnet50 = resnet('resnet50', 'bottleneck', [3, 4, 6, 3]);

const expansion = { basic: 1, bottleneck: 4 };
const width = (stage: number): number => 64 * 2 ** stage;
const channelsBefore = (kind: keyof typeof expansion, stage: number): number =>
  stage === 0 ? 64 : width(stage - 1) * expansion[kind];

interface Convolution {
  filters: number;
  kernel: number;
  stride?: number;
  /** Of the convolution, and of its batch norm. */
  names: [string, string];
  inputs?: number[];
}

const convolution = ({ filters, kernel, stride = 1, names, inputs }: Convolution): LayerSpec[] => [
  {
    type: 'conv2d',
    filters,
    kernel,
    stride,
    padding: (kernel - 1) / 2,
    use_bias: false,
    name: names[0],
    ...(inputs && { inputs }),
  },
  { type: 'batch_norm', name: names[1] },
];

const stem: LayerSpec[] = [
  ...convolution({ filters: 64, kernel: 7, stride: 2, names: ['conv1', 'bn1'] }),
  { type: 'relu' },
  { type: 'max_pool', size: 3, stride: 2, padding: 1 },
];

interface Block {
  stage: number;
  /** Which of its stage. */
  i: number;
  /** Channels that go into the stage. */
  channelsBefore: number;
}

/**
 * Convolutions, added to what went in: as it is, or through a 1x1 convolution where the shape changes. The stride of a
 * bottleneck is that of its 3x3 convolution, which is torchvision's choice.
 */
function addBlock(layers: LayerSpec[], kind: keyof typeof expansion, { stage, i, channelsBefore }: Block): void {
  const input = layers.length - 1;
  const filters = width(stage);
  const outputs = filters * expansion[kind];
  const stride = stage > 0 && i === 0 ? 2 : 1;
  const at = `layer${stage + 1}.${i}`;
  const names = (n: number): [string, string] => [`${at}.conv${n}`, `${at}.bn${n}`];
  const main =
    kind === 'basic'
      ? [
          { filters, kernel: 3, stride },
          { filters, kernel: 3 },
        ]
      : [
          { filters, kernel: 1 },
          { filters, kernel: 3, stride },
          { filters: outputs, kernel: 1 },
        ];
  layers.push(
    ...main.flatMap((each, n): LayerSpec[] => [
      ...(n > 0 ? [{ type: 'relu' } as const] : []),
      ...convolution({ ...each, names: names(n + 1) }),
    ]),
  );
  const end = layers.length - 1;
  const changes = i === 0 && (stride !== 1 || channelsBefore !== outputs);
  if (changes) {
    const downsample: [string, string] = [`${at}.downsample.0`, `${at}.downsample.1`];
    layers.push(...convolution({ filters: outputs, kernel: 1, stride, names: downsample, inputs: [input] }));
  }
  layers.push({ type: 'add', inputs: [end, changes ? layers.length - 1 : input] }, { type: 'relu' });
}
