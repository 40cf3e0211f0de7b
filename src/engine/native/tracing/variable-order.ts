import type { Variable } from '../../contract.js';

/** In which order a function's nodes use the program's variables, while its trace is written. */
export class VariableOrder {
  /** Every node that changes a variable. */
  readonly writes: string[] = [];
  private readonly lastNodes = new Map<Variable, readonly string[]>();

  /** @param handles by variable, the node of its handle */
  constructor(private readonly handles: ReadonlyMap<Variable, string>) {}

  /**
   * The node of a variable's handle.
   * @throws Error if the variable is none of the program's
   */
  handle(variable: Variable): string {
    const handle = this.handles.get(variable);
    if (handle === undefined)
      throw new Error(`the step changes a variable that its program does not name: ${variable.name}`);
    return handle;
  }

  /** The nodes that the next one that uses the variable must wait for. */
  previous(variable: Variable): readonly string[] {
    return this.lastNodes.get(variable) ?? [];
  }

  /** Notes that what uses the variable from here on must wait for `nodes`. */
  next(variable: Variable, nodes: readonly string[]): void {
    this.lastNodes.set(variable, nodes);
  }

  /** Notes nodes that change a variable. */
  wrote(nodes: readonly string[]): void {
    this.writes.push(...nodes);
  }
}
