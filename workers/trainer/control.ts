import type { Checkpointer, Finisher } from '../../src/learner/index.js';
import type { ToTrainer } from '../protocol.js';
import type { CheckpointWriter } from './checkpoint-writer.js';

type Order = Exclude<ToTrainer, { type: 'start' }>;

/** Whom orders are for. */
interface Hearing {
  checkpointer: Checkpointer;
  finisher: Finisher;
  writer: CheckpointWriter;
}

/** Brings what the worker says of an attempt to those whom it is for; what comes before there are any waits for them. */
export class Control {
  private hearing: Hearing | null = null;
  private readonly early: Order[] = [];

  hear(order: Order): void {
    if (this.hearing === null) {
      this.early.push(order);
      return;
    }
    const { checkpointer, finisher, writer } = this.hearing;
    if (order.type === 'stop') checkpointer.stop(order.reason);
    else if (order.type === 'finish') finisher.ask(order.cooldown);
    else if (order.type === 'kept') writer.kept();
    else checkpointer.ask(order.name);
  }

  connect(hearing: Hearing): void {
    this.hearing = hearing;
    for (const order of this.early.splice(0)) this.hear(order);
  }
}
