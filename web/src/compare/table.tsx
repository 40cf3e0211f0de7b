/** What differs between the runs: their results, and of their specs the places where not all are equal. */
import { colorOf, dashOf } from '../charts/palette.js';
import { StatusBadge } from '../parts/status.js';
import { number } from '../state/format.js';
import { nameOf } from '../state/job-name.js';
import { href, setQuery } from '../state/route.js';
import { cell, type Difference } from './diff.js';
import type { Run } from './runs.js';

interface TableProps {
  runs: readonly Run[];
  results: readonly Difference[];
  differing: readonly Difference[];
  hovered: string | null;
  onHover: (id: string | null) => void;
}

/** One row for each run. */
export function DifferenceTable({ runs, results, differing, hovered, onHover }: TableProps) {
  const remove = (id: string): void =>
    setQuery({ jobs: runs.flatMap(({ record }) => (record.id === id ? [] : record.id)).join(',') || undefined });
  return (
    <div class="scroll" role="region" aria-label="Runs" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Status</th>
            {[...results, ...differing].map(({ path }, i) => (
              <th key={path} scope="col" class={i < results.length ? 'number' : undefined}>
                {path}
              </th>
            ))}
            <th scope="col">
              <span class="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run, i) => (
            <tr
              key={run.record.id}
              aria-selected={hovered === run.record.id}
              onMouseEnter={() => onHover(run.record.id)}
              onMouseLeave={() => onHover(null)}
              onFocusIn={() => onHover(run.record.id)}
              onFocusOut={() => onHover(null)}
            >
              <th scope="row">
                <Swatch index={i} /> <a href={href(['jobs', run.record.id])}>{nameOf(run.record)}</a>
              </th>
              <td>
                <StatusBadge status={run.record.status} />
              </td>
              {results.map(({ path, values }) => (
                <td key={path} class="number">
                  {resultText(values[i])}
                </td>
              ))}
              {differing.map(({ path, values }) => (
                <td key={path}>{cell(values[i])}</td>
              ))}
              <td>
                <button
                  type="button"
                  class="button quiet"
                  aria-label={`Remove ${nameOf(run.record)}`}
                  onClick={() => remove(run.record.id)}
                >
                  ×
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const resultText = (value: Difference['values'][number]): string => (typeof value === 'number' ? number(value) : '–');

function Swatch({ index }: { index: number }) {
  return (
    <svg width="24" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="24"
        y1="4"
        y2="4"
        stroke={colorOf(index)}
        stroke-width={3}
        stroke-dasharray={dashOf(index).join(' ')}
      />
    </svg>
  );
}
