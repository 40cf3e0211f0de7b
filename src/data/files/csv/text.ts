/** The bytes of a CSV as text, in parts. */
import { bytesOf } from '../bytes.js';
import type { CsvDialect, FileContent } from '../reading.js';

/** How a text begins where its encoding is marked. */
const marks: readonly { encoding: CsvDialect['encoding']; bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/** The text without its mark, one part after another. What is not in the encoding becomes U+FFFD. */
export async function* textOf(from: FileContent, encoding: CsvDialect['encoding']): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const bytes of bytesOf(from)) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/** The encoding that a text is marked with by its first bytes. */
export const encodingOfStart = (bytes: Uint8Array): CsvDialect['encoding'] | undefined =>
  marks.find((mark) => mark.bytes.every((byte, i) => bytes[i] === byte))?.encoding;

/** The encoding that a text is marked with, else UTF-8 where all of it is, else the one in which every byte is a sign. */
export async function encodingOf(from: FileContent): Promise<CsvDialect['encoding']> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  try {
    for await (const bytes of bytesOf(from)) {
      const marked = first ? encodingOfStart(bytes) : undefined;
      if (marked !== undefined) return marked;
      first = false;
      decoder.decode(bytes, { stream: true });
    }
    decoder.decode();
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
