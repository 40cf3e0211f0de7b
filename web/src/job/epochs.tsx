/** The table of epochs, as fastai prints it. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { Heads } from '../parts/heads.js';
import type { JobView } from '../state/job-view.js';
import { metricNames } from './lines.js';

/** The latest rows that are on the page unless all are asked for. */
const fewRows = 50;
/** So near to its end the table stays at its end. */
const nearPixels = 60;

/** fastai's digits: six behind the point. */
const cell = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(6);

/** As fastai: `mm:ss`, from an hour on `h:mm:ss`. */
export function time(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? rest : `${Math.floor(whole / 3600)}:${rest}`;
}

/** A row per epoch, the last one at the end. */
export function EpochTable({ view }: { view: Pick<JobView, 'curves' | 'revision'> }) {
  const { epochs } = view.curves.value;
  // The list grows in place, and the revision says so.
  const revision = view.revision.value;
  const all = useSignal(false);
  const names = metricNames({ epochs });
  const heads = ['epoch', 'train_loss', 'valid_loss', ...names, 'time'];
  const shown = all.value ? epochs : epochs.slice(-fewRows);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    // A reader who has scrolled up stays there.
    if (box.current !== null && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [revision]);
  if (epochs.length === 0) return <p class="muted">No epoch has finished yet.</p>;
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
          <Heads names={heads} numbers={heads} />
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
          {all.value ? `Show the last ${fewRows}` : `Show all ${epochs.length} epochs`}
        </Button>
      )}
    </>
  );
}
