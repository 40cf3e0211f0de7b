/** Brightness and contrast in logit space: fastai's `Brightness` and `Contrast`, composed. */
import type { FloatPicture } from './picture.js';

/** As fastai clamps: its logits are finite. */
const least = 1e-7;
/** Points of the table that stands for the function, and where it is too steep for one. */
const cells = 2048;
const margin = 1 / 64;

/**
 * Changes the picture: sigmoid((logit(x) + logit(brightness)) · contrast). 0.5 and 1 change nothing but rounding.
 * @param brightness in (0, 1) @param contrast above 0
 */
export function light({ data }: FloatPicture, brightness: number, contrast: number): void {
  const shift = ((1 - brightness) / brightness) ** contrast;
  const exact = (value: number): number => {
    const x = Math.max(least, Math.min(1 - least, value));
    return 1 / (1 + shift * ((1 - x) / x) ** contrast);
  };
  const table = Float64Array.from({ length: cells + 2 }, (_, i) => exact(i / cells));
  const [black, white] = [exact(0), exact(1)];
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value > margin && value < 1 - margin) {
      const at = value * cells;
      const cell = Math.trunc(at);
      data[i] = table[cell] + (table[cell + 1] - table[cell]) * (at - cell);
    } else data[i] = value === 0 ? black : value === 1 ? white : exact(value);
  }
}
