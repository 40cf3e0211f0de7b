/**
 * Where a job stands in its queue. BullMQ runs jobs of a lower number first, of 1 to 2^21, and those of one number in
 * the order in which they were added. A priority has three numbers: its `band`, and behind it these.
 */
import { maxPriority } from '../../request/body.js';

/** `first` before others of its priority: it has waited already. `aside` is where a concurrency key keeps it. */
const places = { first: 1, inLine: 2, aside: 3 } as const;
const bandSize = Object.keys(places).length;

/** The number that a priority's places begin behind, as the record's field `_band` has it. */
export const bandOf = (priority: number): number => bandSize * (maxPriority - priority);

/** The priority of a band. */
export const priorityOf = (band: number): number => maxPriority - band / bandSize;

/** The number of a place, as BullMQ's option `priority`. */
export const placeIn = (band: number, place: keyof typeof places): number => band + places[place];

/** A sorted set's score for a place is as BullMQ makes it: in a place the lower rank is first. */
export const ranksPerPlace = 2 ** 32;
