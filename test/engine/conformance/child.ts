/** Measures every case on one engine, the argument, and sends it all to the process that asked. */
import { cases } from './cases.js';
import { engines, type EngineUnderTest } from './engines.js';
import { measure, type Measured } from './measure.js';
import { repeat } from './repeat.js';

/** By case: what was measured, or why it could not be. */
export interface Report {
  cases: Map<string, Measured | string>;
  /** The losses of the same run, twice. */
  repeated: [number[], number[]] | null;
}

const name = process.argv[2] as EngineUnderTest;
const engine = await engines[name]();
const report: Report = { cases: new Map(), repeated: null };
for (const c of cases) {
  try {
    report.cases.set(c.name, measure(engine, c));
  } catch (error) {
    report.cases.set(c.name, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
if (name !== 'javascript') report.repeated = [repeat(engine), repeat(engine)];
process.send!(report, () => process.disconnect());
