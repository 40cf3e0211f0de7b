/** Files that describe a job, and changes to them from the command line. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseDocument } from 'yaml';
import type { JobRequest } from '../client/index.js';
import { isObject } from '../schema/json.js';
import { CliError } from './exit-codes.js';

/** A job as it stands in a file: the server checks it. */
export type Spec = Record<string, unknown>;

/** Reads a job from a JSON or YAML file; `-` is standard input. @throws CliError where it is none */
export async function readSpec(file: string): Promise<Spec> {
  const name = file === '-' ? 'standard input' : file;
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8').catch(unreadable(name)));
  const value = parsed(content, name);
  if (!isObject(value)) throw new CliError(`${name} must contain a job: an object with policy, dataset and model.`);
  return value;
}

/** JSON is YAML too, but rows by the megabyte are read faster by its own parser. */
function parsed(content: string, name: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    const document = parseDocument(content, { prettyErrors: true });
    if (document.errors.length === 0) return document.toJS() as unknown;
    throw new CliError(`${name} is neither JSON nor YAML: ${document.errors[0].message.trimEnd()}`);
  }
}

/** A job as it is posted: what is wrong with it, the server says, by pointers into the file's own text. */
export const unchecked = (spec: Spec): JobRequest => spec as JobRequest;

/** @throws CliError that says why the file cannot be read */
export const unreadable =
  (name: string) =>
  (error: NodeJS.ErrnoException): never => {
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'you may not read it' }[
      error.code ?? ''
    ];
    throw new CliError(`${name} cannot be read: ${why ?? error.message}.`);
  };

/** A spec with each of `PATH=VALUE` set. Values are JSON where they can be, else text: `policy.lr_max=0.01`. */
export function withSettings(spec: Spec, settings: readonly string[]): Spec {
  const changed = structuredClone(spec);
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) throw new CliError(`--set takes PATH=VALUE, as in policy.lr_max=0.01, and not ${setting}.`);
    set(changed, setting.slice(0, at).split('.'), valueOf(setting.slice(at + 1)), setting);
  }
  return changed;
}

function set(spec: Spec, path: readonly string[], value: unknown, setting: string): void {
  let at: Spec | unknown[] = spec;
  for (const [i, key] of path.entries()) {
    if (key === '' || (Array.isArray(at) && !/^\d+$/.test(key)) || key === '__proto__')
      throw new CliError(
        `--set ${setting}: ${path.slice(0, i).join('.') || 'the path'} has no ${key || 'empty name'}.`,
      );
    const here: Record<string, unknown> = at as Spec; // an array has its elements by their indexes as well
    if (i === path.length - 1) {
      here[key] = value;
      return;
    }
    const next = Object.hasOwn(here, key) ? here[key] : (here[key] = {});
    if (!isObject(next) && !Array.isArray(next))
      throw new CliError(
        `--set ${setting}: ${path.slice(0, i + 1).join('.')} is ${JSON.stringify(next)} and has no fields.`,
      );
    at = next;
  }
}

function valueOf(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
}
