import { Type } from 'typebox';
import { middle } from './cut.js';
import { defaulted, NotNegative, Positive } from '../../schema/fields.js';
import type { Cut } from './cut.js';
import type { Size } from './picture.js';
import type { Draw } from '../../numbers/random.js';
import { defineItemTransform, sizeOf, SizeSchema } from './transform.js';

const Scale = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: 1, description });

/** fastai's `RandomResizedCrop`. */
export const randomResizedCrop = defineItemTransform({
  name: 'random_resized_crop',
  title: 'RandomResizedCrop',
  description:
    'fastai’s RandomResizedCrop: during training a random part of random shape, resized; otherwise the centre of the picture',
  arguments: {
    size: SizeSchema,
    min_scale: defaulted(Scale('Smallest share of the picture’s area'), 0.08),
    max_scale: defaulted(Scale('Largest share of the picture’s area'), 1),
    ratio: defaulted(
      Type.Array(Positive('Width by height'), {
        minItems: 2,
        maxItems: 2,
        description: 'Smallest and largest ratio of width to height',
      }),
      [3 / 4, 4 / 3],
    ),
    val_xtra: defaulted(
      NotNegative('How much larger a validation picture is made before its centre is cropped, relative to the size'),
      0.14,
    ),
  },
  size: ({ size }) => sizeOf(size),
  cut(args, picture, draw) {
    const to = sizeOf(args.size);
    if (draw !== null) return { box: randomBox(args, picture, draw), padMode: 'zeros', to };
    const extra = Math.ceil((Math.max(to.width, to.height) * args.val_xtra) / 8) * 8;
    const larger = { width: to.width + extra, height: to.height + extra };
    const box = { left: 0, top: 0, ...picture };
    return { box, padMode: 'zeros', to: larger, ...(extra > 0 && { centre: to }) };
  },
});

/** How often a box is drawn before the largest in the middle is taken. */
const attempts = 10;

interface Limits {
  min_scale: number;
  max_scale: number;
  ratio: number[];
}

function randomBox(
  { min_scale, max_scale, ratio: [least, most] }: Limits,
  { width, height }: Size,
  draw: Draw,
): Cut['box'] {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const area = (min_scale + (max_scale - min_scale) * draw()) * width * height;
    const ratio = Math.exp(Math.log(least) + (Math.log(most) - Math.log(least)) * draw());
    const box = { width: roundToEven(Math.sqrt(area * ratio)), height: roundToEven(Math.sqrt(area / ratio)) };
    if (box.width < 1 || box.height < 1 || box.width > width || box.height > height) continue;
    const left = Math.floor(draw() * (width - box.width + 1));
    return { left, top: Math.floor(draw() * (height - box.height + 1)), ...box };
  }
  const box = {
    width: Math.min(width, Math.trunc(height * most)),
    height: Math.min(height, Math.trunc(width / least)),
  };
  box.width = Math.max(1, box.width);
  box.height = Math.max(1, box.height);
  return middle({ width, height }, box);
}

/** As Python rounds. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
