import type { Checkpointer, Finisher } from '../../src/learner/index.js';
import type { ToTrainer } from '../protocol.js';

type Order = Exclude<ToTrainer, { type: 'start' }>;

/** Brings what the worker asks of an attempt to its callbacks; what comes before there are any waits for them. */
export class Control {
  private callbacks: { checkpointer: Checkpointer; finisher: Finisher } | null = null;
  private readonly early: Order[] = [];

  hear(order: Order): void {
    if (this.callbacks === null) this.early.push(order);
    else if (order.type === 'stop') this.callbacks.checkpointer.stop(order.reason);
    else if (order.type === 'finish') this.callbacks.finisher.ask(order.cooldown);
    else this.callbacks.checkpointer.ask(order.name);
  }

  connect(checkpointer: Checkpointer, finisher: Finisher): void {
    this.callbacks = { checkpointer, finisher };
    for (const order of this.early.splice(0)) this.hear(order);
  }
}
