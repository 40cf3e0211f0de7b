import { Type, type Static } from 'typebox';
import { defaulted, oneOf, Positive, strict } from '../../schema/fields.js';
import { channels } from './picture.js';
import { defineBatchTransform } from './transform.js';

/** fastai's `imagenet_stats` and `cifar_stats`: means and standard deviations of red, green and blue, from 0 to 1. */
const known = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  cifar: { mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.261] },
} as const;

const colours = { minItems: channels, maxItems: channels };
const Given = strict({
  mean: Type.Array(Type.Number({ description: 'For values from 0 to 1' }), {
    ...colours,
    description: 'Means of red, green and blue',
  }),
  std: Type.Array(Positive('For values from 0 to 1'), { ...colours, description: 'Their standard deviations' }),
});
type Stats = keyof typeof known | Static<typeof Given>;
const statsOf = (stats: Stats): Static<typeof Given> | (typeof known)['cifar' | 'imagenet'] =>
  typeof stats === 'string' ? known[stats] : stats;

/** fastai's `Normalize`. */
export const normalize = defineBatchTransform({
  name: 'normalize',
  title: 'NormalizePictures',
  description: 'fastai’s Normalize: subtracts the mean and divides by the standard deviation of each colour',
  arguments: {
    stats: defaulted(
      Type.Unsafe<Stats>(
        Type.Union([oneOf(['imagenet', 'cifar']), Given], {
          description: 'A data set whose statistics to use, or the statistics themselves',
        }),
      ),
      'imagenet',
    ),
  },
  order: 99,
  apply({ stats }, { data }) {
    const { mean, std } = statsOf(stats);
    const [r, g, b] = mean;
    const [byR, byG, byB] = [1 / std[0], 1 / std[1], 1 / std[2]];
    for (let i = 0; i < data.length; i += channels) {
      data[i] = (data[i] - r) * byR;
      data[i + 1] = (data[i + 1] - g) * byG;
      data[i + 2] = (data[i + 2] - b) * byB;
    }
  },
});
