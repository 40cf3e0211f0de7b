/** What transforms work on. */

/** A picture of bytes, as it is decoded: [height, width, 3], red, green, blue. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A picture of float32, from 0 to 1 before it is normalized: [height, width, 3]. */
export interface FloatPicture {
  width: number;
  height: number;
  data: Float32Array;
}

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Of a picture: red, green, blue. */
export const channels = 3;
