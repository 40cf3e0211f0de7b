/** Pictures a second: decoded, cut to 224 × 224, augmented, by a loader that nobody keeps waiting. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PictureTransforms } from '../../src/data/transforms/index.js';
import { threads } from '../contender.js';
import { fixed, megabytes, median, type Table } from '../table.js';
import { drawPictures } from './draw.js';

/** What a side is to do. */
export interface PictureWork {
  folder: string;
  files: string[];
  batch: number;
  /** Measured, after one that warms up. */
  epochs: number;
  threads: number;
  transforms: PictureTransforms;
}

/** What was measured of one side. */
export interface Pictures {
  title: string;
  side: 'onecycle' | 'fastai';
  /** A value an epoch. */
  pictures_per_second: number[];
  /** A value a process. */
  peak_bytes: number[];
}

const item_tfms: PictureTransforms['item_tfms'] = [{ name: 'resize', size: 224 }];
const cases: { title: string; transforms: PictureTransforms }[] = [
  { title: 'Resize(224)', transforms: { item_tfms, batch_tfms: [] } },
  {
    title: 'Resize(224), aug_transforms(), Normalize',
    transforms: { item_tfms, batch_tfms: [{ name: 'aug_transforms' }, { name: 'normalize' }] },
  },
];

/** Measures both sides by turns, each `starts` times in a new process, on the same JPEGs. */
export async function measurePictures(
  sides: readonly Pictures['side'][],
  { starts, rounds, count = 256 }: { starts: number; rounds: number; count?: number },
  python: string,
): Promise<Pictures[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-pictures-'));
  try {
    const names = await drawPictures(folder, count, 1);
    const files = [...names, ...names, ...names, ...names]; // an epoch of seconds
    const results: Pictures[] = [];
    for (const { title, transforms } of cases) {
      const measured = sides.map((side): Pictures => ({ title, side, pictures_per_second: [], peak_bytes: [] }));
      const work: PictureWork = { folder, files, batch: 64, epochs: rounds, threads, transforms };
      for (let start = 0; start < starts; start++) for (const result of measured) await runSide(result, work, python);
      results.push(...measured);
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runSide(result: Pictures, work: PictureWork, python: string): Promise<void> {
  const [command, file] =
    result.side === 'onecycle'
      ? [process.execPath, fileURLToPath(new URL('onecycle.js', import.meta.url))]
      : [python, fileURLToPath(new URL('../../../bench/python/fastai_pictures.py', import.meta.url))];
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  const { stdout } = await promisify(execFile)(command, [file, JSON.stringify(work)], { env });
  const { rates, peak_bytes } = JSON.parse(stdout) as { rates: number[]; peak_bytes: number };
  result.pictures_per_second.push(...rates);
  result.peak_bytes.push(peak_bytes);
}

/** A row for each side and case. */
export function picturesTable(results: readonly Pictures[]): Table {
  const rateOf = ({ pictures_per_second }: Pictures): number => median(pictures_per_second);
  return {
    title: `JPEGs of 500x375, batch 64, ${threads} threads or workers`,
    head: ['', '', 'pictures/s', 'times fastai', 'most pictures/s', 'peak memory, MB'],
    rows: results.map((result) => {
      const fastai = results.find(({ title, side }) => title === result.title && side === 'fastai');
      return [
        result.title,
        result.side,
        fixed(rateOf(result)),
        fastai === undefined ? '' : (rateOf(result) / rateOf(fastai)).toFixed(2),
        fixed(Math.max(...result.pictures_per_second)),
        megabytes(median(result.peak_bytes)),
      ];
    }),
  };
}
