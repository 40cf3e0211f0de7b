/** As many pixels may a picture have: more than any camera's, and less than fills a memory. */
export const maxPixels = 2 ** 28;

/** How files of pictures begin. */
const pictureMarks = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47],
  [0x47, 0x49, 0x46, 0x38],
  [0x52, 0x49, 0x46, 0x46],
  [0x49, 0x49, 0x2a, 0x00],
  [0x4d, 0x4d, 0x00, 0x2a],
] as const;
/** Whether bytes begin as a picture does: JPEG, PNG, GIF, WebP, TIFF. */
export const isPicture = (bytes: Uint8Array): boolean =>
  pictureMarks.some((mark) => mark.every((byte, i) => bytes[i] === byte));
