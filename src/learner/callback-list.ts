import { type Callback, type Event, events } from './events.js';
import type { LearnerView } from './view.js';

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

  /** The fit is over, whatever happened in it. */
  cleanUp(learn: LearnerView): void {
    for (const callback of this.all) callback.cleanup?.(learn);
  }
}
