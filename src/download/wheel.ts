import { basename } from 'node:path';

/** One file of a Python package index, pinned: whatever index it comes from, it is these bytes. */
export interface Wheel {
  /** Its name, `NAME-VERSION-PYTHON-ABI-PLATFORM.whl`. */
  file: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  sha256: string;
}

/** `tensorflow_cpu 2.21.0`: a wheel's name and version, without its tags. */
export const wheelName = (file: string): string => basename(file).split('-').slice(0, 2).join(' ');

/** The project that a wheel belongs to, as the paths of an index have it (PEP 503): `tensorflow-cpu`. */
export const projectOf = ({ file }: Wheel): string =>
  file
    .split('-')[0]
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
