/** The table of epochs, as fastai prints it. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../parts/button.js';
import type { Curves } from '../state/curves.js';
import { metricNames } from './lines.js';

/** The latest rows that are on the page unless all are asked for. */
const fewRows = 50;
/** So near to its end the table stays at its end. */
const nearPixels = 60;

/** fastai's digits: six behind the point. */
const cell = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(6);

/** As fastai: minutes and seconds. */
const time = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** A row an epoch, the last one at the end. `revision`: another one when epochs were added. */
export function EpochTable({ curves: { epochs } }: { curves: Pick<Curves, 'epochs'>; revision: number }) {
  const all = useSignal(false);
  const names = metricNames({ epochs });
  const shown = all.value ? epochs : epochs.slice(-fewRows);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const { length } = epochs;
  useEffect(() => {
    // A reader who has scrolled up stays there.
    if (box.current !== null && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [length]);
  if (epochs.length === 0) return <p class="muted">No epoch has ended yet.</p>;
  return (
    <>
      <div
        ref={box}
        class="scroll epochs"
        tabIndex={0}
        role="region"
        aria-label="Epochs"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          (atEnd.current = scrollTop >= scrollHeight - clientHeight - nearPixels)
        }
      >
        <table class="table">
          <thead>
            <tr>
              {['epoch', 'train_loss', 'valid_loss', ...names, 'time'].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ epoch, train_loss, valid_loss, metrics, seconds }) => (
              <tr key={epoch}>
                <td class="number">{epoch}</td>
                <td class="number">{cell(train_loss)}</td>
                <td class="number">{cell(valid_loss)}</td>
                {names.map((name) => (
                  <td key={name} class="number">
                    {cell(metrics[name])}
                  </td>
                ))}
                <td class="number">{time(seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {epochs.length > fewRows && (
        <Button kind="quiet" onClick={() => (all.value = !all.value)}>
          {all.value ? `Only the last ${fewRows}` : `All ${epochs.length} epochs`}
        </Button>
      )}
    </>
  );
}
