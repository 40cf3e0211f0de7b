/**
 * Which workers may run a job, beside the kind of their device: those of a pool. A pool is a text, `gpu=h100,zone=a` or
 * `>=2,gpu=h100`: the labels that they have, and the job protocol that they know. Most jobs ask for nothing, and their
 * pool is ''.
 */
import { hasLabels, labelsOf, labelsText, type Labels } from '../schema/labels.js';

/**
 * The number of the rules by which API and workers understand one another: what a record and a spec mean. To be raised
 * where a worker that knows the former ones alone would run a new job wrongly. A worker takes no job of a higher one.
 */
export const jobProtocol = 1;
/** That of workers which do not say theirs. */
export const firstProtocol = 1;

/** What a job needs of its worker. */
export interface Pool {
  requires: Labels;
  protocol: number;
}

/** A pool as a text. */
export const poolText = ({ requires, protocol }: Pool): string =>
  [...(protocol > firstProtocol ? [`>=${protocol}`] : []), labelsText(requires)].filter(Boolean).join(',');

/** A text as a pool. */
export function poolOf(text: string): Pool {
  const [, protocol, labels] = /^(?:>=(\d+),?)?(.*)$/.exec(text) ?? [];
  return { requires: labelsOf(labels), protocol: protocol ? Number(protocol) : firstProtocol };
}

/** Whether a worker is of a pool. `common.ts` says the same in Lua. */
export function isOfPool(worker: { labels: Labels; protocol: number }, pool: string): boolean {
  const { requires, protocol } = poolOf(pool);
  return worker.protocol >= protocol && hasLabels(worker.labels, requires);
}
