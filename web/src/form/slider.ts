/** Which numbers can be set by a slider, and where on it a number stands. */
import type { Schema } from './schema.js';

/** A slider's scale: even steps, or even factors. */
export interface Slider {
  from: number;
  to: number;
  log: boolean;
}

/** Positions of a slider: from 0 to this. */
export const positions = 1000;

/**
 * The slider of a number: between its bounds where they are near each other, and around its default by factors where
 * it is a positive number without an upper bound. Whole numbers have none: they are typed.
 */
export function sliderOf(schema: Schema): Slider | undefined {
  const from = schema.minimum ?? schema.exclusiveMinimum;
  const to = schema.maximum ?? schema.exclusiveMaximum;
  if (schema.type !== 'number' || from === undefined) return undefined;
  if (to !== undefined) return to - from <= 1 ? { from, to, log: false } : undefined;
  const { default: usual } = schema;
  if (from !== 0 || typeof usual !== 'number' || usual <= 0) return undefined;
  return { from: usual / 1000, to: usual * 1000, log: true };
}

/** The position of a value. */
export function positionOf({ from, to, log }: Slider, value: number): number {
  const share = log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return Math.round(positions * Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share)));
}

/** The value at a position, with as few digits as tell neighbours apart; the ends are left out, as they may not be allowed. */
export function valueAt({ from, to, log }: Slider, position: number): number {
  const share = Math.min(positions - 5, Math.max(5, position)) / positions;
  const value = log ? from * (to / from) ** share : from + share * (to - from);
  return Number(value.toPrecision(3));
}
