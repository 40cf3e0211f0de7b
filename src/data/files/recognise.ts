/** What a file is, by its bytes: names and content types are often wrong. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';
import type { FileFormat } from '../profile/schema.js';
import { firstBytes } from './bytes.js';
import { encodingOfStart } from './csv/text.js';
import { isNumpy } from './numpy.js';
import { isPicture } from './picture-marks.js';
import { invalidFile, messageOf } from './problems.js';

const sampleBytes = 4096;
const tarMarkAt = 257;

/** @throws OnecycleError `invalid_dataset` where it is nothing that can be used */
export async function recognise(file: string): Promise<FileFormat> {
  const start = await firstBytes(file, sampleBytes);
  const begins = (text: string, at = 0) => Buffer.from(text, 'latin1').every((byte, i) => start[at + i] === byte);
  if (start.length === 0)
    throw invalidFile('', 'The file is empty: it must have a row of column names and rows of values');
  if (begins('PAR1')) return 'parquet';
  if (begins('ARROW1')) return 'arrow';
  if (begins('\xff\xff\xff\xff') && start.length > 8) return 'arrow_stream';
  if (isNumpy(start)) return 'npy';
  if (begins('PK\x03\x04') || begins('PK\x05\x06')) return zipOf(file);
  if (begins('\x1f\x8b')) return gzipOf(file);
  if (begins('ustar', tarMarkAt)) return 'tar';
  if (isPicture(start)) throw unusable('is a single picture: put pictures into a zip, in one folder per class');
  if (begins('%PDF')) throw unusable('is a PDF');
  if (begins('\x89HDF')) throw unusable('is HDF5: save its arrays as .npz, or its table as Parquet');
  if (begins('\xd0\xcf\x11\xe0')) throw unusable('is an Excel file: save it as CSV');
  return textOf(start);
}

const unusable = (what: string): Error =>
  invalidFile(
    '',
    `The file ${what}. Supported are CSV, JSON Lines, Parquet, Arrow, .npy, .npz, and zip or tar of pictures`,
  );

async function zipOf(file: string): Promise<FileFormat> {
  const names: string[] = [];
  try {
    const zip = await openPromise(file, { lazyEntries: true });
    for await (const { fileName } of zip.eachEntry()) if (names.push(fileName) >= 1000) break;
  } catch (error) {
    throw invalidFile('', `The zip cannot be read; it may be truncated or damaged: ${messageOf(error)}`, error);
  }
  if (names.includes('[Content_Types].xml')) throw unusable('is an Office document: save its table as CSV');
  return names.length > 0 && names.every((name) => name.endsWith('.npy')) ? 'npz' : 'zip';
}

/** A tar in it, or a text. */
async function gzipOf(file: string): Promise<FileFormat> {
  const source = createReadStream(file);
  const unpacked = source.pipe(createGunzip());
  source.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      if (chunk.subarray(tarMarkAt, tarMarkAt + 5).toString('latin1') === 'ustar') return 'tar.gz';
      break;
    }
  } catch (error) {
    throw invalidFile('', `The file is compressed with gzip and cannot be decompressed: ${messageOf(error)}`, error);
  } finally {
    source.destroy();
  }
  throw unusable('is compressed with gzip but is not a tar: decompress it (gunzip) before sending it');
}

function textOf(start: Uint8Array): FileFormat {
  const encoding = encodingOfStart(start);
  if (encoding === undefined && start.includes(0)) throw unusable('has an unknown format');
  const text = new TextDecoder(encoding ?? 'windows-1252').decode(start).trimStart();
  if (text.startsWith('{')) return 'jsonl';
  if (text.startsWith('[')) throw unusable('is a JSON list: write one object per line (JSON Lines)');
  return 'csv';
}
