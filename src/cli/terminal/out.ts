/** Where commands write: results to stdout, all else to stderr. */

/** A line of the result. */
export const print = (text = ''): void => void process.stdout.write(`${text}\n`);

/** The result for a program. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** A value on a line of its own, for programs that read while it goes on. */
export const printJsonLine = (value: unknown): void => print(JSON.stringify(value));

/** A remark for people. */
export const say = (text = ''): void => void process.stderr.write(`${text}\n`);

/** The size of a terminal; the usual one where it tells none, as a pseudo terminal may not. */
export const sizeOf = (out: NodeJS.WriteStream): { columns: number; rows: number } => ({
  columns: out.columns || 80,
  rows: out.rows || 24,
});

/** Columns of the terminal; what fits anywhere where there is none. */
export const columns = (out: NodeJS.WriteStream = process.stdout): number => (out.isTTY ? sizeOf(out).columns : 80);

/** A reader that has enough (`onecycle list | head`) is no error. */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
