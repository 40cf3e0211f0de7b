/** What the texts of a CSV mean. */
import { dateFormats, type DateFormat } from '../reading.js';

/** What stands for a value that is not there: pandas' list. */
const missingWords = new Set(
  ',#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,None,n/a,nan,null'.split(','),
);

/** Whether a text stands for a value that is not there. */
export const isMissing = (text: string): boolean => missingWords.has(text) || missingWords.has(text.trim());

const wholeNumber = /^\s*[+-]?\d+\s*$/;
const numbers = {
  '.': /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i,
  ',': /^\s*[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?\s*$/i,
} as const;

/** Whether a text is a number that is written without a decimal sign. */
export const isWhole = (text: string): boolean => wholeNumber.test(text);

/** The number that a text is; undefined where it is none. */
export function readNumber(text: string, decimal: '.' | ','): number | undefined {
  if (!numbers[decimal].test(text)) return undefined;
  const value = Number(decimal === ',' ? text.replace(',', '.') : text);
  return Number.isFinite(value) ? value : undefined;
}

const isoDate =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const otherDate = /^(\d{1,2})([./])(\d{1,2})[./](\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/** The point in time that a text is, in milliseconds since 1970; undefined where it is none. Without a zone: UTC. */
export function readDate(text: string, format: DateFormat): number | undefined {
  return format === 'iso' ? readIso(text.trim()) : readOther(text.trim(), format);
}

/** The formats that a text may be a date in. */
export const dateFormatsOf = (text: string): DateFormat[] =>
  dateFormats.filter((format) => readDate(text, format) !== undefined);

function readIso(text: string): number | undefined {
  const found = isoDate.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const at = pointInTime([year, month, day, hour, minute, second]);
  return at === undefined ? undefined : at + Math.floor(Number(`0.${fraction || 0}`) * 1000) - zoneMs(zone);
}

function readOther(text: string, format: Exclude<DateFormat, 'iso'>): number | undefined {
  const found = otherDate.exec(text);
  if (!found || format.includes('.') !== (found[2] === '.')) return undefined;
  const [, first, , second, year, ...time] = found;
  const [day, month] = format.startsWith('day') ? [first, second] : [second, first];
  return pointInTime([year, month, day, ...time]);
}

/** Undefined where the calendar has no such day. */
function pointInTime(parts: (string | undefined)[]): number | undefined {
  const [year, month, day, hour, minute, second] = parts.map((part) => Number(part ?? 0));
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return same ? at.getTime() : undefined;
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)!;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
