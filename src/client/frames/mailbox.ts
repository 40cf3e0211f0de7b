/** What arrives by callbacks, for whoever takes it one by one. */

/** Holds what has come until it is taken; the taker hears of the end after all that came before it. */
export class Mailbox<T> implements AsyncIterable<T> {
  #waiting: T[] = [];
  #weight = 0;
  #end: { error?: Error } | undefined;
  #arrived: () => void = () => undefined;
  #taken: (() => void)[] = [];

  /** `mostWeight`: from how much that waits it counts as full. */
  constructor(readonly mostWeight: number) {}

  /** Whether no more should come before some is taken. */
  get full(): boolean {
    return this.#weight > this.mostWeight;
  }

  /** Nothing is taken any more after an end. */
  put(value: T, weight: number): void {
    if (this.#end) return;
    this.#waiting.push(value);
    this.#weight += weight;
    this.#arrived();
  }

  /** Nothing more comes; with an error, the taker gets it after the rest. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#arrived();
    this.#release();
  }

  /** Settles once it is not full. */
  async room(): Promise<void> {
    while (this.full && !this.#end) await new Promise<void>((resolve) => this.#taken.push(resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      // All at once: shifting one by one from a long list would be slow.
      const batch = this.#waiting;
      this.#waiting = [];
      yield* batch;
      this.#weight = 0;
      this.#release();
      if (this.#waiting.length > 0) continue;
      if (this.#end) break;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
    const { error } = this.#end;
    if (error) throw error;
  }

  #release(): void {
    for (const resolve of this.#taken.splice(0)) resolve();
  }
}
