/** What the lines of a chart are, and their values: at the cursor, or the last ones. */
import type { Signal } from '@preact/signals';
import { number } from '../state/format.js';
import { valueAt, type Line } from './line.js';

/** The legend of a chart. */
export function Legend({
  lines,
  cursor,
  xName,
}: {
  lines: readonly Line[];
  cursor: Signal<number | null>;
  xName: string;
}) {
  const at = cursor.value;
  return (
    <span class="legend">
      {lines.map((line) => (
        <span key={line.name} class="entry">
          <Swatch line={line} />
          {line.name} <span class="value">{number(at === null ? last(line) : valueAt(line, at))}</span>
        </span>
      ))}
      <span class="entry muted">
        {at === null ? '' : `${xName} ${number(xName === 'iteration' ? Math.floor(at) : at)}`}
      </span>
    </span>
  );
}

function Swatch({ line }: { line: Line }) {
  return (
    <svg width="18" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="18"
        y1="4"
        y2="4"
        stroke={line.color}
        stroke-width={2}
        stroke-dasharray={line.dash?.join(' ')}
        opacity={line.faint === true ? 0.5 : 1}
      />
    </svg>
  );
}

const last = ({ y }: Line): number | null => (y.length > 0 ? y.at(y.length - 1) : null);
