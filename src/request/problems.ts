import { OnecycleError, type FieldProblem } from '../errors.js';

/** Gathers what is wrong with a spec, so that one answer tells it all. */
export class Problems {
  readonly #found: FieldProblem[] = [];

  add(pointer: string, detail: string): void {
    this.#found.push({ pointer, detail });
  }

  /** Runs a part's own checks: what they throw is noted, below `pointer`, and the part is undefined. */
  collect<T>(pointer: string, part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      if (!(error instanceof OnecycleError) || error.problems.length === 0) throw error;
      for (const problem of error.problems) this.add(pointer + problem.pointer, problem.detail);
      return undefined;
    }
  }

  throwAny(): void {
    if (this.#found.length === 0) return;
    throw new OnecycleError(
      'invalid_spec',
      this.#found.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'),
      this.#found,
    );
  }
}
