import { defaulted, oneOf } from '../../schema/fields.js';
import { padModes } from './cut.js';
import { defineItemTransform, sizeOf, SizeSchema } from './transform.js';

/** fastai's `Resize`. */
export const resize = defineItemTransform({
  name: 'resize',
  title: 'Resize',
  description: 'fastai’s Resize: cropped, padded or squished to a size',
  arguments: {
    size: SizeSchema,
    method: defaulted(
      oneOf(['crop', 'pad', 'squish'], {
        description:
          'crop: the largest part of the right shape, at a random place during training, otherwise the centre; ' +
          'pad: the whole picture, padded to the right shape; squish: the whole picture, stretched to the right shape',
      }),
      'crop',
    ),
    pad_mode: defaulted(oneOf(padModes, { description: 'What the padding consists of' }), 'reflection'),
  },
  size: ({ size }) => sizeOf(size),
  cut({ size, method, pad_mode: padMode }, { width, height }, draw) {
    const to = sizeOf(size);
    if (method === 'squish') return { box: { left: 0, top: 0, width, height }, padMode, to };
    // Training draws where the box lies, also where it is larger than the picture.
    const [alongX, alongY] = draw === null ? [0.5, 0.5] : [draw(), draw()];
    const [byWidth, byHeight] = [width / to.width, height / to.height];
    const scale = method === 'pad' ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight);
    // A very long picture may leave nothing of its shorter side.
    const box = {
      width: Math.max(1, Math.trunc(scale * to.width)),
      height: Math.max(1, Math.trunc(scale * to.height)),
    };
    const left = Math.trunc(alongX * (width - box.width));
    const top = Math.trunc(alongY * (height - box.height));
    return { box: { left, top, ...box }, padMode, to };
  },
});
