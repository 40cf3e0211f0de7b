/** Compares columns of numbers with golden ones, and remembers the worst difference of each kind. */

/** How far apart two numbers are, in the measure that the tolerance is given in. */
export type Measure = (actual: number, expected: number) => number;
export const relative: Measure = (actual, expected) =>
  Math.abs(actual - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
export const absolute: Measure = (actual, expected) => Math.abs(actual - expected);

export class Comparison {
  /** The worst difference of each kind. */
  readonly worst = new Map<string, number>();
  /** What lies outside its tolerance. */
  readonly failures: string[] = [];

  /** `tolerance` is one number, or one a point. Missing, null and NaN never agree with a number. */
  numbers(
    kind: string,
    actual: readonly (number | null | undefined)[],
    expected: readonly number[],
    measure: Measure,
    tolerance: number | readonly number[],
  ): void {
    if (actual.length !== expected.length)
      this.failures.push(`${kind}: ${actual.length} values, expected ${expected.length}`);
    expected.forEach((value, i) => {
      const found = actual[i] ?? NaN;
      const difference = found === value ? 0 : measure(found, value);
      const allowed = typeof tolerance === 'number' ? tolerance : (tolerance[i] ?? NaN);
      this.worst.set(kind, Math.max(this.worst.get(kind) ?? 0, difference));
      if (!(difference <= allowed))
        this.failures.push(
          `${kind}[${i}]: ${found}, expected ${value}: ${difference.toExponential(2)} apart, ${allowed} allowed`,
        );
    });
  }

  equal(kind: string, actual: unknown, expected: unknown): void {
    if (actual !== expected) this.failures.push(`${kind}: ${String(actual)}, expected ${String(expected)}`);
  }

  /** The worst differences in one line. */
  summary(): string {
    return [...this.worst].map(([kind, difference]) => `${kind} ${difference.toExponential(1)}`).join(', ');
  }
}
