/** Pictures in files, decoded and transformed by the threads of a loader as they are needed. */
import { OnecycleError } from '../../errors.js';
import { product } from '../../numbers/nested.js';
import type { PictureTransforms } from '../transforms/index.js';
import type { MadeRows, RowMaker } from '../types.js';
import { decodePicture } from './decode.js';
import { shapeOfPictures, transformPicture } from './transform.js';

/** Files of pictures, a row each. */
export interface PictureFiles {
  paths: readonly string[];
  /** What a client calls them. */
  names: readonly string[];
  transforms: PictureTransforms;
}

/** The rows of files of pictures. */
export const pictureRows = (files: PictureFiles): MadeRows => ({
  dtype: 'float32',
  module: import.meta.url,
  options: files,
  expensive: true,
});

/** Decodes pictures on a loader's thread. */
export function open({ paths, names, transforms }: PictureFiles): RowMaker {
  const width = product(shapeOfPictures(transforms));
  return {
    async fill(rows, at, into) {
      if (!(into instanceof Float32Array)) throw new TypeError('Pictures are rows of float32');
      for (const [i, row] of rows.entries()) {
        const decoded = await decodePicture(paths[row]).catch((cause: unknown) => {
          const why = cause instanceof Error ? cause.message : String(cause);
          throw new OnecycleError('bad_data', `The picture ${names[row]} cannot be decoded: ${why}`, [], { cause });
        });
        const place = into.subarray(i * width, (i + 1) * width);
        transformPicture(decoded, transforms, at.training ? { ...at, row } : null, place);
      }
    },
  };
}
