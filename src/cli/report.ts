/** Errors as people read them: what is wrong, where, what would be right, and what to do; and the exit code of each. */
import { OnecycleError as Refusal } from '../client/index.js';
import { OnecycleError } from '../errors.js';
import { CliError, exitCodes, exitWith, type ExitCode } from './exit-codes.js';
import { say } from './terminal/out.js';
import { style } from './terminal/style.js';

/** Says on stderr what went wrong. Returns the exit code; undefined where it is no error that we know. */
export function report(error: unknown): ExitCode | undefined {
  if (error instanceof CliError) {
    tell(error.message);
    return error.exitCode;
  }
  if (error instanceof Refusal) {
    refusalLines(error).forEach((line, i) => (i === 0 ? tell(line) : say(line)));
    return codeOf(error);
  }
  if (error instanceof OnecycleError) {
    say(error.message);
    return exitCodes.failed;
  }
  return undefined;
}

/** Does it for each in turn; one that it cannot be done for is reported, and does not hold up the others. */
export async function each<T>(things: readonly T[], act: (thing: T) => Promise<void>): Promise<void> {
  for (const thing of things) {
    try {
      await act(thing);
    } catch (error) {
      const code = report(error);
      if (code === undefined) throw error;
      exitWith(code);
    }
  }
}

const tell = (message: string): void => say(`${style('red', 'Error:', process.stderr)} ${message}`);

function refusalLines({ code, detail, errors, retryAfter }: Refusal): string[] {
  const fields = errors.map((field) => `  ${field.pointer || '/'}: ${field.detail}`);
  // Where one field is wrong the detail says the same in one line.
  const lines = fields.length > 0 ? [headline(errors.length, detail), ...fields] : [detail];
  if (code === 'unreachable')
    lines.push('Is it running? To start one here: npx onecycle up. To use another one: ONECYCLE_URL or --url.');
  if (code === 'key_needed') lines.push('Set ONECYCLE_API_KEY to a key, or keep one: npx onecycle login.');
  if (retryAfter !== undefined) lines.push(`Try again in ${retryAfter} s.`);
  return lines;
}

const headline = (wrong: number, detail: string): string =>
  detail.startsWith('/') || wrong === 1 ? `${wrong} ${wrong === 1 ? 'field is' : 'fields are'} not valid:` : detail;

function codeOf({ status }: Refusal): ExitCode {
  if (status === 404 || status === 409) return exitCodes.conflict;
  if (status === 401 || status === 403) return exitCodes.forbidden;
  if (status === 0 || status === 429 || (status >= 502 && status <= 504)) return exitCodes.unavailable;
  return status >= 400 && status < 500 ? exitCodes.usage : exitCodes.failed;
}
