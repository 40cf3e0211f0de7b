import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { product } from '../../numbers/nested.js';
import { nullable, strict } from '../../schema/fields.js';
import { isPicture } from '../files/picture-marks.js';
import { decodePicture } from '../pictures/decode.js';
import { shapeOfPictures, transformPicture } from '../pictures/transform.js';
import { BatchTransformsSchema, ItemTransformsSchema } from '../transforms/index.js';
import { TargetSchema } from '../types.js';
import { defineProcessing, type RawRows } from './processing.js';

/** Pictures: decoded, and transformed as where they validate. */
export const pictures = defineProcessing({
  kind: 'pictures',
  schema: strict({
    kind: Type.Literal('pictures'),
    item_tfms: ItemTransformsSchema,
    batch_tfms: BatchTransformsSchema,
    target: TargetSchema,
    names: nullable(Type.Array(Type.String())),
  }),
  shape: shapeOfPictures,
  vocabulary: ({ target, names }) => ({ target, names }),
  async prepare(spec, raw) {
    const decoded = await decodePicture(fileOf(raw)).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw invalid(`must be a picture (JPEG, PNG, GIF, WebP or TIFF): ${why}`, cause);
    });
    const x = new Float32Array(product(shapeOfPictures(spec)));
    transformPicture(decoded, spec, null, x);
    return { rows: 1, x };
  },
});

function fileOf(raw: RawRows): Uint8Array {
  if (!('file' in raw)) throw invalid('must be the bytes of one picture (JPEG, PNG, GIF, WebP or TIFF), not JSON');
  if (raw.file.length === 0) throw invalid('must be a picture: it is empty');
  // The decoder knows more formats (SVG among them, which runs): those of an upload alone are taken.
  if (!isPicture(raw.file)) throw invalid('must be a JPEG, PNG, GIF, WebP or TIFF picture');
  return raw.file;
}

const invalid = (detail: string, cause?: unknown): OnecycleError =>
  new OnecycleError('invalid_rows', `The body ${detail}`, [{ pointer: '', detail: `The body ${detail}` }], { cause });
