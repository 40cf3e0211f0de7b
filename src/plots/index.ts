/** What fastai's Recorder plots, as SVG. Pure: columns in, text out. */
export type { Curves } from './curves.js';
export { plotLoss, type LossOptions } from './loss.js';
export { plotLrFind, type LrFindCurve, type Mark } from './lr-find.js';
export { plotSched } from './sched.js';
export { plotSchedules } from './schedules.js';
