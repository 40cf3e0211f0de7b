/** Colours that people tell apart who are blind to some: those of Okabe and Ito, each on the ground where it is seen. */
import { dark } from '../state/theme.js';

const onLight = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#9A6700', '#2C93C8', '#5B5B5B', '#000000'];
const onDark = ['#56B4E9', '#E69F00', '#2FC49A', '#CC79A7', '#F0E442', '#FF7F3F', '#B9BEC5', '#FFFFFF'];

/** The colour of the nth line; after eight they come again (then the dashes differ: `dashOf`). */
export const colorOf = (index: number): string => {
  const colors = dark.value ? onDark : onLight;
  return colors[index % colors.length];
};

/** Dashes of the nth line, so that those of one colour differ. */
export const dashOf = (index: number): number[] => [[], [6, 3], [2, 3], [8, 3, 2, 3]][Math.floor(index / 8) % 4];

/** What a chart is drawn with besides its lines. */
export const ink = (): { text: string; grid: string; mark: string } =>
  dark.value
    ? { text: '#a8b0ba', grid: '#2b3138', mark: '#8b95a1' }
    : { text: '#565e68', grid: '#e6e9ed', mark: '#767f8a' };
