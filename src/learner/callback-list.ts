import { OnecycleError } from '../errors.js';
import { type Callback, type Event, events } from './events.js';
import type { LearnerView, NamedState } from './view.js';

/** The callbacks of one fit: each hears an event in its turn, by `order`. */
export class CallbackList {
  private readonly listeners: Record<Event, Callback[]>;

  constructor(private readonly all: readonly Callback[]) {
    const sorted = [...all].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    const entries = events.map((event) => [event, sorted.filter((callback) => callback[event] !== undefined)] as const);
    this.listeners = Object.fromEntries(entries) as Record<Event, Callback[]>;
  }

  /** Tells all of them of an event. @throws what one of them throws; those after it are not told */
  call(event: Event, learn: LearnerView): void {
    for (const callback of this.listeners[event]) callback[event]!(learn);
  }

  /** Tells those of a batch that want to hear of it: in validation not all do. */
  callForBatch(event: 'before_batch' | 'after_batch', learn: LearnerView): void {
    for (const callback of this.listeners[event]) {
      if (learn.training || callback.runValid !== false) callback[event]!(learn);
    }
  }

  /** What those that keep something keep, in the order in which they were given. */
  states(): NamedState[] {
    return this.all.flatMap((callback) => (callback.state ? [{ name: callback.name, state: callback.state() }] : []));
  }

  /** Has each go on from its state. @throws OnecycleError `bad_data` where the states are those of other callbacks */
  restore(states: readonly NamedState[]): void {
    const keeping = this.all.filter((callback) => callback.state !== undefined);
    const names = (named: readonly { name: string }[]) => named.map(({ name }) => name).join(', ');
    if (names(keeping) !== names(states))
      throw new OnecycleError(
        'bad_data',
        `The checkpoint is from a run with the callbacks ${names(states)}, not ${names(keeping)}`,
      );
    keeping.forEach((callback, i) => callback.restore?.(states[i].state));
  }

  /** The fit is over, whatever happened in it. */
  cleanUp(learn: LearnerView): void {
    for (const callback of this.all) callback.cleanup?.(learn);
  }
}
