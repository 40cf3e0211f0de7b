import { type Binding, type NativeBackend, overrideBinding } from '../backend.js';
import type { Trace } from './trace.js';

/**
 * Shows a trace every kernel that TensorFlow.js runs, autodiff included, while a function runs: for as long, the
 * backend's binding is one that records what passes through it.
 */
export class KernelRecorder {
  private current: Trace | null = null;

  constructor(readonly backend: NativeBackend) {}

  /** The trace that is being written; null while kernels merely run. */
  get trace(): Trace | null {
    return this.current;
  }

  /**
   * Runs `body` and writes what it does into `trace`. Whatever happens, nothing is recorded afterwards.
   * @throws Error if something is being recorded already; and what `body` throws
   */
  record<T>(trace: Trace, body: () => T): T {
    const { backend } = this;
    const { binding } = backend;
    if (this.current !== null) throw new Error('a function that is being traced cannot trace another');
    this.current = trace;
    backend.binding = recording(binding, trace);
    try {
      return body();
    } finally {
      backend.binding = binding;
      this.current = null;
    }
  }
}

/** A binding that does what `binding` does, and tells `trace`. */
const recording = (binding: Binding, trace: Trace): Binding =>
  overrideBinding(binding, {
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values);
      trace.addConstant({ id, shape, dtype }, values);
      return id;
    },
    executeOp(op, attributes, inputs, outputs) {
      const results = binding.executeOp(op, attributes, inputs, outputs);
      trace.addOp(op, attributes, inputs, results);
      return results;
    },
  });
