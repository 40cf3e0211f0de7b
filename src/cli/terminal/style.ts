/** Colours, on terminals that have some: not in pipes, not with NO_COLOR. */
import { styleText } from 'node:util';

/** What colours are for; each is a name of `styleText`. */
export const colours = ['green', 'red', 'yellow', 'cyan', 'magenta', 'blue', 'bold', 'dim'] as const;
/** One of them. */
export type Colour = (typeof colours)[number];

/** Whether a stream shows colours; Node looks at NO_COLOR, FORCE_COLOR and TERM. */
export const hasColours = (out: NodeJS.WriteStream): boolean => out.isTTY && out.hasColors();

/** A text in a colour, where `out` shows some. */
export const style = (colour: Colour, text: string, out: NodeJS.WriteStream = process.stdout): string =>
  hasColours(out) ? styleText(colour, text) : text;

const statusColours: Partial<Record<string, Colour>> = {
  completed: 'green',
  running: 'cyan',
  failed: 'red',
  cancelled: 'yellow',
  paused: 'yellow',
};

/** A job's status in its colour. */
export const statusText = (status: string): string => {
  const colour = statusColours[status];
  return colour ? style(colour, status) : status;
};

const escapes = /\x1b\[[0-9;]*m/g;

/** A text without its colours. */
export const plain = (text: string): string => text.replace(escapes, '');

/** A line cut to what a terminal shows in `width` columns, its colours closed. */
export function cut(line: string, width: number): string {
  if (plain(line).length <= width) return line;
  let room = width;
  const parts = line.split(/(\x1b\[[0-9;]*m)/).map((part, i) => {
    if (i % 2 === 1) return part;
    const shown = part.slice(0, room);
    room -= shown.length;
    return shown;
  });
  return parts.join('');
}
