/** The command line as its users run it: a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../e2e/harness.js';

/** What is left when it has ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Running {
  child: ChildProcess;
  /** What it has printed so far. */
  output: { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

const main = join(root, 'dist/src/cli/main.js');

/** What a command is run with. */
export interface Surroundings {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** What stands on its standard input. */
  input?: string;
}

/** Starts a command. */
export function start(args: readonly string[], { env = {}, cwd, input = '' }: Surroundings = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NO_COLOR: '1', ONECYCLE_API_KEY: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined); // one that has ended reads nothing
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  return { child, output, ended };
}

/** Runs a command to its end. */
export const run = (args: readonly string[], surroundings?: Surroundings): Promise<Ended> =>
  start(args, surroundings).ended;
