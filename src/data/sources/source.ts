/** Where rows come from, as a job's spec says it. */
export type DatasetSource =
  { builtin: string } | { random: RandomSource } | { synthetic: SyntheticSource } | { inline: unknown };

export interface RandomSource {
  /** Of one row. */
  shape: number[];
  rows: number;
  /** One of the two. */
  classes?: number;
  outputs?: number;
  seed?: number;
  /** Normal floats, or bytes uniform in 0 … 255. */
  dtype?: 'float32' | 'uint8';
}

export interface SyntheticSource {
  rows?: number;
  seed?: number;
}
