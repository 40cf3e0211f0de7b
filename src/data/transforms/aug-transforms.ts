import { Type } from 'typebox';
import { defaulted, Flag, NotNegative, oneOf, Positive, Share } from '../../schema/fields.js';
import { type PadMode, padModes } from './cut.js';
import { gridSample } from './grid-sample.js';
import { betweenPoints, compose, type Homography, identity } from './homography.js';
import { light } from './lighting.js';
import type { FloatPicture, Size } from './picture.js';
import type { Draw } from '../../numbers/random.js';
import { defineBatchTransform } from './transform.js';

/** fastai's `aug_transforms`. */
export const augTransforms = defineBatchTransform({
  name: 'aug_transforms',
  order: 30,
  title: 'AugTransforms',
  description:
    'fastai’s aug_transforms, during training: flip, warp, rotate and zoom in one step, then brightness and contrast',
  arguments: {
    mult: defaulted(NotNegative('Factor of max_rotate, max_lighting and max_warp'), 1),
    do_flip: defaulted(Flag('Flips half of the pictures, left to right'), true),
    flip_vert: defaulted(Flag('Also flips top to bottom and rotates by 90 degrees: fastai’s Dihedral'), false),
    max_rotate: defaulted(Type.Number({ minimum: 0, maximum: 180, description: 'Largest rotation, in degrees' }), 10),
    min_zoom: defaulted(Positive('Smallest zoom'), 1),
    max_zoom: defaulted(Positive('Largest zoom'), 1.1),
    max_lighting: defaulted(
      Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Largest change of brightness and contrast' }),
      0.2,
    ),
    max_warp: defaulted(
      Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Largest change of perspective' }),
      0.2,
    ),
    p_affine: defaulted(Share('Probability of each of warping, rotating and zooming a picture'), 0.75),
    p_lighting: defaulted(Share('Probability of each of changing the brightness and the contrast of a picture'), 0.75),
    pad_mode: defaulted(oneOf(padModes, { description: 'What fills the area outside of the picture' }), 'reflection'),
  },
  apply(spec, picture, draw) {
    if (draw !== null) augment(picture, spec, drawAugmentation(spec, draw));
  },
});

/** What it draws by. */
export interface AugArguments {
  mult: number;
  do_flip: boolean;
  flip_vert: boolean;
  max_rotate: number;
  min_zoom: number;
  max_zoom: number;
  max_lighting: number;
  max_warp: number;
  p_affine: number;
  p_lighting: number;
}

/** What was drawn for a picture, in fastai's terms; what changes nothing where it was not to be changed. */
export interface Augmentation {
  /** Whether it is flipped; with flip_vert one of fastai's eight dihedral transforms. */
  flip: number;
  warp: { x: number; y: number };
  /** In degrees. */
  rotate: number;
  zoom: { by: number; x: number; y: number };
  brightness: number;
  contrast: number;
}

/** Draws what is to be done with a picture. As many numbers are drawn whatever comes out. */
export function drawAugmentation(args: AugArguments, draw: Draw): Augmentation {
  const { mult, do_flip, flip_vert, min_zoom, max_zoom, p_affine, p_lighting } = args;
  const [rotation, lighting, warp] = [
    args.max_rotate * mult,
    Math.min(args.max_lighting * mult, 0.999),
    args.max_warp * mult,
  ];
  const between = (least: number, most: number) => least + (most - least) * draw();
  const maybe = (p: number, value: number, else_: number) => (draw() < p ? value : else_);
  const logContrast = -Math.log(1 - lighting);
  const flip = maybe(0.5, flip_vert ? Math.floor(8 * draw()) : 1, 0);
  return {
    flip: do_flip ? flip : 0,
    warp: { x: maybe(p_affine, between(-warp, warp), 0), y: maybe(p_affine, between(-warp, warp), 0) },
    rotate: maybe(p_affine, between(-rotation, rotation), 0),
    zoom: { by: maybe(p_affine, between(min_zoom, max_zoom), 1), x: draw(), y: draw() },
    brightness: maybe(p_lighting, between(0.5 * (1 - lighting), 0.5 * (1 + lighting)), 0.5),
    contrast: maybe(p_lighting, Math.exp(between(-logContrast, logContrast)), 1),
  };
}

/** Does with a picture what was drawn. */
export function augment(
  picture: FloatPicture,
  { flip_vert, pad_mode }: { flip_vert: boolean; pad_mode: PadMode },
  drawn: Augmentation,
): void {
  const map = homographyOf(drawn, flip_vert, picture);
  if (map !== identity) gridSample(picture, map, pad_mode);
  if (drawn.brightness !== 0.5 || drawn.contrast !== 1) light(picture, drawn.brightness, drawn.contrast);
}

/** Where each point of the new picture comes from; `identity` itself where nothing moves. */
function homographyOf({ flip, warp, rotate, zoom }: Augmentation, flip_vert: boolean, size: Size): Homography {
  let affine = identity;
  if (flip !== 0) affine = compose(affine, flip_vert ? dihedral(flip) : [-1, 0, 0, 0, 1, 0, 0, 0, 1]);
  if (rotate !== 0) affine = compose(affine, rotation((rotate * Math.PI) / 180));
  if (zoom.by !== 1) affine = compose(affine, zooming(zoom));
  const [a, b, c, d, e, f] = affine;
  // Coordinates are ±1 along both axes, whatever the picture's shape.
  const { width, height } = size;
  const shaped = affine === identity ? affine : [a, (b * height) / width, c, (d * width) / height, e, f, 0, 0, 1];
  return warp.x === 0 && warp.y === 0 ? shaped : compose(warping(warp), shaped);
}

function rotation(angle: number): Homography {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, sin, 0, -sin, cos, 0, 0, 0, 1];
}

function zooming({ by, x, y }: Augmentation['zoom']): Homography {
  const s = 1 / by;
  return [s, 0, (1 - s) * (2 * x - 1), 0, s, (1 - s) * (2 * y - 1), 0, 0, 1];
}

/** One of the eight ways to lay a square on itself, in the order of fastai's `dihedral_mat`. */
function dihedral(index: number): Homography {
  const x = [1, -1, 1, -1, -1, 1, 1, -1][index];
  const y = [1, 1, -1, 1, -1, -1, 1, -1][index];
  return [1, 1, 1, 0, 1, 0, 0, 0][index] === 1 ? [x, 0, 0, 0, y, 0, 0, 0, 1] : [0, x, 0, y, 0, 0, 0, 0, 1];
}

/** The corners of a picture are drawn in or out: fastai's `Warp`. */
const warping = ({ x, y }: Augmentation['warp']): Homography =>
  betweenPoints(
    [
      [-1 - y, -1 - x],
      [-1 + y, 1 + x],
      [1 + y, -1 + x],
      [1 - y, 1 - x],
    ],
    [
      [-1, -1],
      [-1, 1],
      [1, -1],
      [1, 1],
    ],
  );
