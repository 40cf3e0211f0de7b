/** What a page does for each frame while somebody acts on it: when frames come, and what its main thread computes. */
import type { Page } from 'puppeteer-core';

/** Times in milliseconds. */
export interface Frames {
  /** From one frame to the next. */
  intervals: readonly number[];
  /** How long the page's callbacks of each frame took, with all that they led to before the next callback. */
  scripts: readonly number[];
  /** The main thread's tasks: as the clock has it, and as the processor spent it, which other processes do not add to. */
  tasks: readonly { elapsed: number; processor: number }[];
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** Every callback of a frame is timed, up to one of ours that is asked for right behind it. */
const watch = `{
  const frames = { intervals: [], scripts: [], more: true };
  window.frames_ = frames;
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => {
    let start = 0;
    const id = request((now) => { start = performance.now(); call(now); });
    request(() => start > 0 && frames.more && frames.scripts.push(performance.now() - start));
    return id;
  };
  let last = performance.now();
  const next = (now) => {
    frames.intervals.push(now - last);
    last = now;
    if (frames.more) request(next);
    else window.requestAnimationFrame = request;
  };
  request(next);
}`;

/** Watches a page while something is done with it. */
export async function framesWhile(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.tracing.start({ categories: ['-*', 'disabled-by-default-devtools.timeline'] });
  await page.evaluate(watch);
  await act();
  const seen = (await page.evaluate('(window.frames_.more = false, window.frames_)')) as Omit<Frames, 'tasks'>;
  const trace = Buffer.from((await page.tracing.stop()) ?? []).toString('utf8');
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  return { intervals: seen.intervals.slice(1), scripts: seen.scripts, tasks: tasksOf(traceEvents) };
}

/** The tasks of the main thread that was busiest: the page's. */
function tasksOf(events: readonly TraceEvent[]): Frames['tasks'] {
  const key = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  // The second where browser and pages share a process.
  const names = ['CrRendererMain', 'Chrome_InProcRendererThread'];
  const main = events.filter(({ name, args }) => name === 'thread_name' && names.includes(args.name ?? '')).map(key);
  const threads = main.map((thread) =>
    events
      .filter((event) => event.ph === 'X' && event.name === 'RunTask' && key(event) === thread)
      .map(({ dur = 0, tdur = 0 }) => ({ elapsed: dur / 1000, processor: tdur / 1000 })),
  );
  const total = (tasks: Frames['tasks']): number => tasks.reduce((sum, { processor }) => sum + processor, 0);
  return threads.sort((a, b) => total(b) - total(a)).at(0) ?? [];
}
