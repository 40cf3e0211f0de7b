import type sharp from 'sharp';
import { maxPixels } from '../files/picture-marks.js';
import { channels, type Pixels } from '../transforms/picture.js';

let loading: Promise<typeof sharp> | undefined;

/** Loads sharp when it is first needed: most jobs, and an API's start, do without. */
async function loadSharp(): Promise<typeof sharp> {
  const { default: loaded } = await import('sharp');
  // Threads of ours decode many pictures at once: one of them needs no threads of its own, and none is decoded twice.
  loaded.concurrency(1);
  loaded.cache(false);
  return loaded;
}

/**
 * Decodes a picture as fastai's `PILImage.create` does: to red, green and blue, as it lies in the file, without turning
 * it as its EXIF says, without its transparency, without its colour profile.
 * @param source a path, or the file itself
 * @throws Error that says what is wrong with it
 */
export async function decodePicture(source: string | Uint8Array): Promise<Pixels> {
  loading ??= loadSharp();
  const decoder = await loading;
  const file = decoder(source, { failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: true, sequentialRead: true });
  const decoded = file.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, data: info.channels === channels ? data : threeOf(data) };
}

/** Greyscale as three equal colours. */
function threeOf(grey: Uint8Array): Uint8Array {
  const data = new Uint8Array(grey.length * channels);
  for (let i = 0; i < grey.length; i++) data.fill(grey[i], i * channels, (i + 1) * channels);
  return data;
}
