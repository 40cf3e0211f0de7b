/** A worker of less weight lets those of more go first: it takes from no line from which an idle one of them could take. */
import { isOfPool } from './pools.js';
import type { Client } from './redis/client.js';
import { liveWorkers, type Heartbeat } from './redis/heartbeats.js';
import { partsOf, type Line } from './redis/lines.js';

/** How often it looks whether they are idle. */
const lookMs = 250;

/** Whose turn it is, as far as workers' weights say. */
export class Precedence {
  readonly #redis: Client;
  readonly #info: Heartbeat;
  #ceded: ReadonlySet<Line> = new Set();
  #looking: NodeJS.Timeout | undefined;

  constructor(redis: Client, info: Heartbeat) {
    this.#redis = redis;
    this.#info = info;
  }

  /** Whether a line is left to another worker. */
  cedes(line: Line): boolean {
    return this.#ceded.has(line);
  }

  /** Has an act look now, and again and again until `stop`; the heaviest worker need not. */
  async start(look: () => Promise<void>): Promise<void> {
    if (this.#info.weight >= 1) return;
    await look();
    const again = async (): Promise<void> => {
      await look();
      this.#looking &&= setTimeout(() => void again(), lookMs);
    };
    this.#looking = setTimeout(() => void again(), lookMs);
  }

  /** Ends that. */
  stop(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
  }

  /** Looks which of these lines are others' now: those that have become so, and whether any has ceased to be. */
  async look(lines: readonly Line[]): Promise<{ ceded: Line[]; isBack: boolean }> {
    const { kind, weight } = this.#info;
    const workers = await liveWorkers(this.#redis);
    const first = workers.filter((each) => each.kind === kind && each.weight > weight && each.status === 'idle');
    const before = this.#ceded;
    const ceded = lines.filter((line) => first.some((worker) => isOfPool(worker, partsOf(line).pool)));
    this.#ceded = new Set(ceded);
    return { ceded: ceded.filter((line) => !before.has(line)), isBack: [...before].some((line) => !this.cedes(line)) };
  }
}
