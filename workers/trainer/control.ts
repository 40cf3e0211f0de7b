import type { Checkpointer } from '../../src/learner/index.js';
import type { ToTrainer } from '../protocol.js';

type Order = Exclude<ToTrainer, { type: 'start' }>;

/** Brings what the worker asks of an attempt to its Checkpointer; what comes before there is one waits for it. */
export class Control {
  private checkpointer: Checkpointer | null = null;
  private readonly early: Order[] = [];

  hear(order: Order): void {
    if (this.checkpointer === null) this.early.push(order);
    else if (order.type === 'stop') this.checkpointer.stop(order.reason);
    else this.checkpointer.ask(order.name);
  }

  connect(checkpointer: Checkpointer): void {
    this.checkpointer = checkpointer;
    for (const order of this.early.splice(0)) this.hear(order);
  }
}
