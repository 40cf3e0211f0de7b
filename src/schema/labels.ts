/** Labels of workers, as jobs ask for them: names with values, `gpu=h100,zone=a` where they are one text. */
import { Type, type Static } from 'typebox';

/** What a name and a value may be: as in Kubernetes, whose node labels people use for it. */
const word = '[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?';
/** The most labels that a job asks for, or a worker has. */
export const maxLabels = 16;

/** A list of labels as one text. */
export const labelsPattern = `^${word}=${word}(,${word}=${word}){0,${maxLabels - 1}}$`;

/** Labels by name. */
export const Labels = (description: string) =>
  Type.Record(
    Type.String(),
    Type.String({
      pattern: `^${word}$`,
      description: 'Letters, digits, and within them `-`, `_`, `.` and `/`: at most 63',
    }),
    {
      propertyNames: { pattern: `^${word}$` },
      maxProperties: maxLabels,
      description,
      examples: [{ gpu: 'h100' }],
    },
  );
/** As the schema says. */
export type Labels = Static<ReturnType<typeof Labels>>;

/** Labels as one text, in the order of their names. */
export const labelsText = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join(',');

/** Labels that one text has; of a name that it has twice, the last. */
export const labelsOf = (text: string): Labels =>
  Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((label) => label.split('=', 2) as [string, string]),
  );

/** Whether who has labels has all that are asked for. */
export const hasLabels = (labels: Labels, required: Labels): boolean =>
  Object.entries(required).every(([name, value]) => labels[name] === value);
