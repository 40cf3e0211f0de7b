/** A host: a network namespace of its own, whose only link leads to this machine and can be cut. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** What this machine lacks for hosts; null where it has all. */
export function whatIsMissing(): string | null {
  const name = `oc-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('link', 'add', `oct${process.pid}`, 'type', 'veth', 'peer', 'name', 'up0', 'netns', name);
    return null;
  } catch (error) {
    return `network namespaces (ip netns, veth; as root): ${error instanceof Error ? error.message.trim() : String(error)}`;
  } finally {
    try {
      ip('netns', 'del', name);
    } catch {
      // It was not made.
    }
  }
}

const faketimes = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);
/** The library that gives a process another clock; null where Debian's package `faketime` is not installed. */
export const faketime = (): string | null => faketimes.find((file) => existsSync(file)) ?? null;

export class Host {
  readonly #link: string;
  readonly #subnet: string;

  /** `index`: from 1, of this machine's hosts. */
  constructor(
    readonly name: string,
    index: number,
  ) {
    this.#link = `oc${index}-${process.pid}`;
    this.#subnet = `10.213.${index}`;
    ip('netns', 'add', this.#space);
    ip('link', 'add', this.#link, 'type', 'veth', 'peer', 'name', 'up0', 'netns', this.#space);
    ip('addr', 'add', `${this.address}/24`, 'dev', this.#link);
    ip('link', 'set', this.#link, 'up');
    ip('-n', this.#space, 'addr', 'add', `${this.#subnet}.2/24`, 'dev', 'up0');
    ip('-n', this.#space, 'link', 'set', 'up0', 'up');
    ip('-n', this.#space, 'link', 'set', 'lo', 'up');
  }

  /** Where this machine is, seen from the host. */
  get address(): string {
    return `${this.#subnet}.1`;
  }

  /** Runs a program on it, under its name. */
  start(command: string[], env: NodeJS.ProcessEnv, cwd: string): ChildProcess {
    const args = [
      'netns',
      'exec',
      this.#space,
      'unshare',
      '--uts',
      'sh',
      '-c',
      `hostname ${this.name}; exec "$@"`,
      'sh',
    ];
    return spawn('ip', [...args, ...command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Nothing reaches it any more, and nobody hears that. */
  cut(): void {
    ip('link', 'set', this.#link, 'down');
  }

  /** Everything does again. */
  mend(): void {
    ip('link', 'set', this.#link, 'up');
  }

  /** Its processes must have ended. */
  remove(): void {
    ip('netns', 'del', this.#space);
  }

  get #space(): string {
    return `onecycle-${process.pid}-${this.name}`;
  }
}
