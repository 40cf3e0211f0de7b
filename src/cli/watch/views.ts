/** The views of watched jobs, by where their output goes. */
import { print, printJsonLine, say } from '../terminal/out.js';
import { liveView } from './live-view.js';
import type { Run } from './run.js';
import { summary } from './summary.js';
import { epochRows, eventText, type View } from './view.js';

/** The view that fits where the output goes. */
export const viewOf = (runs: readonly Run[], json: boolean): View =>
  json ? jsonView() : process.stdout.isTTY ? liveView(runs, process.stdout) : plainView(runs);

/** Frames as they came, and at the end each record: a line of JSON each. */
function jsonView(): View {
  return { show: (frame) => printJsonLine(frame), remark: say, ended: printJsonLine, stop: () => undefined };
}

/** A line for whatever happens: for logs and pipes. */
function plainView(runs: readonly Run[]): View {
  const several = runs.length > 1;
  const rows = epochRows(runs);
  return {
    show(frame, run) {
      for (const row of rows(frame, run)) print(row);
      const text = eventText(frame, run);
      if (text !== null) say(several ? `${run.label} ${text}` : text);
    },
    remark: say,
    ended: (record) => print(summary(record)),
    stop: () => undefined,
  };
}
