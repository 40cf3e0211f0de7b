import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** A file of a zip: bytes, parts of bytes to be written one after another, or a stream of so many bytes. */
export interface ZippedFile {
  name: string;
  content: string | Uint8Array[] | { stream: Readable; size: number };
}

/** A zip of these files, as a stream. Weights hardly get smaller: nothing is compressed but text. */
export function zipOf(files: readonly ZippedFile[]): Readable {
  const zip = new ZipFile();
  // Not `wrap`: that ends with its source, whatever a slow reader has not been given yet.
  const output = zip.outputStream.pipe(new PassThrough());
  for (const { name, content } of files) {
    if (typeof content === 'string') zip.addBuffer(Buffer.from(content), name);
    else if (Array.isArray(content))
      zip.addReadStream(Readable.from(content, { objectMode: false }), name, {
        compress: false,
        size: content.reduce((sum, { byteLength }) => sum + byteLength, 0),
      });
    else {
      content.stream.on('error', (error) => output.destroy(error));
      output.once('close', () => content.stream.destroy());
      zip.addReadStream(content.stream, name, { compress: false, size: content.size });
    }
  }
  zip.on('error', (error: Error) => output.destroy(error));
  zip.end();
  return output;
}
