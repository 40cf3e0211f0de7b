/** What an install is doing. `done` and `total` are bytes, where they are known. */
export interface ProgressEvent {
  step: 'wait' | 'download' | 'unpack' | 'compile' | 'check';
  /** A word or two: a file's name, a program's. */
  what: string;
  done?: number;
  total?: number;
}

/** Hears of each step of a download. */
export type OnProgress = (event: ProgressEvent) => void;
