/** How a CSV is written, guessed from how it begins. */
import { invalidFile } from '../problems.js';
import type { CsvDialect, CsvOptions, FileContent } from '../reading.js';
import { recordsOf, saysDelimiter } from './records.js';
import { encodingOf, textOf } from './text.js';
import { dateFormatsOf, isMissing, readNumber } from './values.js';

/** As much of the file tells how it is written. */
const sampleCharacters = 2 ** 18;
const sampleRecords = 500;
const delimiters = [',', ';', '\t', '|'] as const;

/**
 * What a file is read by: what is given, and guesses of the rest.
 * @throws OnecycleError `invalid_dataset` where it is empty
 */
export async function dialectOf(from: FileContent, given: CsvOptions): Promise<CsvDialect> {
  const encoding = given.encoding ?? (await encodingOf(from));
  const text = await beginning(from, encoding);
  const delimiter = given.delimiter ?? delimiterSaid(text) ?? delimiterOf(text);
  const all = recordsOf(text, delimiter);
  const records = all.slice(saysDelimiter(all.at(0)) ? 1 : 0, sampleRecords);
  if (records.length === 0)
    throw invalidFile('', 'The file is empty: it must have a row of column names and rows of values');
  const decimal = given.decimal ?? (delimiter !== ',' && hasDecimalCommas(records) ? ',' : '.');
  return { delimiter, encoding, decimal, header: given.header ?? hasHeader(records, decimal) };
}

/** Whole lines from the beginning; the last one may break off where it is longer than the sample. */
async function beginning(from: FileContent, encoding: CsvDialect['encoding']): Promise<string> {
  let text = '';
  for await (const part of textOf(from, encoding)) {
    text += part;
    if (text.length > sampleCharacters) break;
  }
  if (text.length <= sampleCharacters) return text;
  const sample = text.slice(0, sampleCharacters);
  const end = sample.lastIndexOf('\n');
  return end === -1 ? sample : sample.slice(0, end + 1);
}

/** That of Excel's own first line, `sep=;`, which is none of the rows. */
const delimiterSaid = (text: string): string | undefined =>
  delimiters.find((delimiter) => new RegExp(`^sep=[${delimiter}]\\s*\\n`, 'i').test(text));

/** The one that gives the most rows the width of the first, and of those the one with the most columns. */
function delimiterOf(text: string): string {
  const scores = delimiters.map((delimiter) => {
    const records = recordsOf(text, delimiter).slice(0, sampleRecords);
    const width = records.at(0)?.length ?? 0;
    const alike = records.filter((record) => record.length === width).length / Math.max(1, records.length);
    return { delimiter, width, alike: width > 1 ? alike : 0 };
  });
  const best = scores.toSorted((a, b) => b.alike - a.alike || b.width - a.width)[0];
  return best.delimiter;
}

/** Whether more values have a decimal comma than a point. */
function hasDecimalCommas(records: readonly string[][]): boolean {
  let [commas, points] = [0, 0];
  for (const value of records.flat()) {
    if (/^\s*[+-]?\d+,\d+\s*$/.test(value)) commas++;
    else if (/^\s*[+-]?\d*\.\d+\s*$/.test(value)) points++;
  }
  return commas > points;
}

/** A header has names only: no number, no date. */
const hasHeader = ([first]: readonly string[][], decimal: '.' | ','): boolean =>
  !first.some(
    (text) =>
      readNumber(text, decimal) !== undefined || dateFormatsOf(text).length > 0 || (text !== '' && isMissing(text)),
  );
