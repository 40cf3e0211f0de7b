/** What the exit codes of the commands mean; docs/cli.md lists them. */

/** The codes by name. */
export const exitCodes = {
  /** It is done. */
  ok: 0,
  /** A job failed or was cancelled; or something went wrong at the server. */
  failed: 1,
  /** What was asked for is not valid: an option, a file, a field of a job. */
  usage: 2,
  /** There is no such thing, several have that prefix, or its state does not allow it. */
  conflict: 3,
  /** The server cannot be reached, or can do nothing now. */
  unavailable: 4,
  /** The API key is missing, or may not do this. */
  forbidden: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that the user can fix: said without a stack, with this exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.usage,
  ) {
    super(message);
  }
}

/** Ends the process with this code once all is written, unless an earlier part set another. */
export function exitWith(code: ExitCode): void {
  process.exitCode ||= code;
}
