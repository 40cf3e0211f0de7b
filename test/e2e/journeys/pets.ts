/** Pictures of pets, drawn: as in the Oxford pets that the seed trains on, a cat's file begins with a capital letter. */
import sharp from 'sharp';
import { drawFrom } from '../../../src/numbers/random.js';

/** JPEGs by their paths; every second one is a cat. Cats have pointed ears and whiskers, dogs hanging ears and a snout. */
export async function drawPets(count: number, seed = 1): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (let index = 0; index < count; index++) {
    const draw = drawFrom({ seed, purpose: 'inputs', index });
    const between = (least: number, most: number) => Math.floor(least + (most - least) * draw());
    const [width, height] = [between(200, 260), between(180, 240)];
    const colour = (least: number, most: number) =>
      `hsl(${between(15, 45)},${between(20, 60)}%,${between(least, most)}%)`;
    const [x, y, size] = [between(85, width - 85), between(85, height - 75), between(45, 60)];
    const [fur, dark, wall] = [colour(35, 65), colour(10, 25), `hsl(${between(0, 360)},30%,${between(70, 95)}%)`];
    const cat = index % 2 === 0;
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="${wall}"/>` +
      `<g transform="translate(${x},${y}) scale(${size / 50}) rotate(${between(-12, 12)})" fill="${fur}">` +
      `<ellipse rx="50" ry="44"/>${cat ? catOf(dark) : dogOf(dark)}</g></svg>`;
    const jpeg = await sharp(Buffer.from(svg)).jpeg().toBuffer();
    files[`images/${cat ? 'Abyssinian' : 'beagle'}_${index}.jpg`] = new Uint8Array(jpeg);
  }
  return files;
}

const eyes = (dark: string) =>
  `<circle cx="-18" cy="-8" r="6" fill="${dark}"/><circle cx="18" cy="-8" r="6" fill="${dark}"/>`;

const catOf = (dark: string): string =>
  `<path d="M-46,-16 L-40,-74 L-10,-40 Z M46,-16 L40,-74 L10,-40 Z"/>${eyes(dark)}` +
  `<path d="M-5,10 L5,10 L0,17 Z" fill="pink"/>` +
  `<path d="M-12,16 L-58,8 M-12,20 L-58,24 M12,16 L58,8 M12,20 L58,24" stroke="${dark}" stroke-width="2"/>`;

const dogOf = (dark: string): string =>
  `<ellipse cx="-48" cy="4" rx="14" ry="40" fill="${dark}"/><ellipse cx="48" cy="4" rx="14" ry="40" fill="${dark}"/>` +
  `${eyes(dark)}<ellipse cy="24" rx="24" ry="18" fill="white"/><ellipse cy="14" rx="10" ry="7" fill="black"/>`;
