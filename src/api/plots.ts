/** Plots as answers: the text of an SVG, or a PNG of it. */
import { Type } from 'typebox';
import { OnecycleError } from '../errors.js';
import { optional } from '../schema/fields.js';
import { content } from './schemas/answers.js';

/**
 * How a plot may be asked for, by the end of its address: what it is answered with, its type in the header, and the end
 * of its operation's name.
 */
export const plotFormats = {
  svg: {
    content: content<string | Buffer>('image/svg+xml', 'The plot, which follows the theme of its viewer'),
    type: 'image/svg+xml; charset=utf-8',
    suffix: '',
  },
  png: {
    content: content<string | Buffer>(
      'image/png',
      'The plot in the light theme, at two pixels per point',
      Type.String({ format: 'binary' }),
    ),
    type: 'image/png',
    suffix: 'Png',
  },
} as const;

/** One of them. */
export type PlotFormat = keyof typeof plotFormats;

/** All of them. */
export const plotFormatNames = Object.keys(plotFormats) as PlotFormat[];

/** The hypers that a query names. */
export const Keys = optional(
  Type.String({
    description: 'Hyperparameters to draw, separated by commas; left out: those that vary',
    examples: ['lr,mom'],
  }),
);

/** An SVG's dots per inch: a pixel a point, twice. */
const density = 2 * 72;

/** A plot in a format, as the body of an answer. */
export async function plotBody(svg: string, format: PlotFormat): Promise<string | Buffer> {
  if (format === 'svg') return svg;
  const { default: sharp } = await import('sharp');
  return sharp(Buffer.from(svg), { density }).png().toBuffer();
}

/** @throws OnecycleError `invalid_request` for a hyperparameter that is not one of these curves */
export function keysOf(keys: string | undefined, hypers: object): string[] | undefined {
  if (keys === undefined) return undefined;
  const wanted = keys.split(',');
  const unknown = wanted.find((key) => !Object.hasOwn(hypers, key));
  if (unknown === undefined) return wanted;
  const detail = `must be a list of ${Object.keys(hypers).join(', ')}, separated by commas; ${JSON.stringify(unknown)} is none of them`;
  throw new OnecycleError('invalid_request', `/query/keys ${detail}`, [{ pointer: '/query/keys', detail }]);
}
