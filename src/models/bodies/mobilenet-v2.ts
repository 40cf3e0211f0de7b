import type { LayerSpec } from '../layers/index.js';
import type { Padding } from '../layers/windows.js';
import { cutAt, type Body } from './body.js';

/** Expansion, filters, repeats, stride of the first: Sandler and others, "MobileNetV2", 2018, table 2. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** What differs between the two that have weights: torchvision's, and Keras's, from which nsfwjs's comes. */
const flavours = {
  torchvision: { padding: (kernel) => (kernel - 1) / 2, norm: { eps: 1e-5, momentum: 0.9 } },
  keras: { padding: () => 'same', norm: { eps: 1e-3, momentum: 0.999 } },
} satisfies Record<string, Flavour>;

interface Flavour {
  padding: (kernel: number) => Padding;
  norm: { eps: number; momentum: number };
}

/**
 * MobileNetV2, named as torchvision names its parts. With the weights of the package (`own`) it pads as Keras does. One
 * group, as fastai splits bodies that it does not know.
 */
export const mobilenetV2: Body = {
  name: 'mobilenet_v2',
  groups(input, own) {
    const flavour = own ? flavours.keras : flavours.torchvision;
    const layers: LayerSpec[] = [...input, ...activated(convolution(flavour, 32, 3, 2, 'features.0.0'), flavour)];
    let channels = 32;
    let index = 1;
    for (const [expand, filters, repeats, stride] of stages) {
      for (let i = 0; i < repeats; i++) {
        const block = { expand, filters, stride: i === 0 ? stride : 1, at: `features.${index++}.conv` };
        addBlock(layers, flavour, channels, block);
        channels = filters;
      }
    }
    layers.push(...activated(convolution(flavour, 1280, 1, 1, 'features.18.0'), flavour));
    return cutAt(layers, [layers.length]);
  },
  pixels: (own) => (own ? null : 'imagenet'),
};

const convolution = (flavour: Flavour, filters: number, kernel: number, stride: number, name: string): LayerSpec => ({
  type: 'conv2d',
  filters,
  kernel,
  stride,
  padding: flavour.padding(kernel),
  use_bias: false,
  name,
});

const depthwise = (flavour: Flavour, stride: number, name: string): LayerSpec => ({
  type: 'depthwise_conv2d',
  kernel: 3,
  stride,
  padding: flavour.padding(3),
  use_bias: false,
  name,
});

const norm = ({ norm }: Flavour, name: string) => ({ type: 'batch_norm', ...norm, name }) as const;

/** torchvision's Conv2dNormActivation: `NAME.0` is the convolution, `NAME.1` its batch norm. */
const activated = (layer: LayerSpec & { name?: string }, flavour: Flavour): LayerSpec[] => [
  layer,
  norm(flavour, layer.name!.replace(/0$/, '1')),
  { type: 'activation', function: 'relu6' },
];

interface Block {
  expand: number;
  filters: number;
  stride: number;
  at: string;
}

/** Wider by 1x1, filtered channel by channel, narrower by 1x1; added to what went in where the shape stays. */
function addBlock(
  layers: LayerSpec[],
  flavour: Flavour,
  channels: number,
  { expand, filters, stride, at }: Block,
): void {
  const input = layers.length - 1;
  let part = 0;
  if (expand > 1)
    layers.push(...activated(convolution(flavour, channels * expand, 1, 1, `${at}.${part++}.0`), flavour));
  layers.push(
    ...activated(depthwise(flavour, stride, `${at}.${part++}.0`), flavour),
    convolution(flavour, filters, 1, 1, `${at}.${part++}`),
    norm(flavour, `${at}.${part}`),
  );
  if (stride === 1 && channels === filters) layers.push({ type: 'add', inputs: [layers.length - 1, input] });
}
