/** A learning-rate finder's curve: its suggestions, its steepest part, and from any rate on to a job with it. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { isTerminal, type JobRecord, type LrFindResult } from '../../../src/client/index.js';
import { ProblemMessage } from '../parts/problem.js';
import { client } from '../state/client.js';
import { number } from '../state/format.js';
import { usePoll } from '../state/poll.js';
import { goTo, href } from '../state/route.js';
import { dark } from '../state/theme.js';
import '../styles/finder.css';
import { Column } from './column.js';
import type { Line, Mark, Range } from './line.js';
import { LineChart } from './lines.js';
import { colorOf, ink } from './palette.js';
import { steepest } from './steepest.js';

const liveMs = 500;
const endedMs = 60_000;

/** Names of suggestions, fastai's first, and what each means. */
const meanings = {
  valley: 'In the longest valley of the curve, two thirds of the way down: a good first choice',
  slide: 'At the end of the longest slide, before the loss rises again',
  minimum: 'A tenth of the rate at the lowest loss',
  steep: 'Where the loss falls most steeply',
  lr_min: 'A tenth of the rate at the lowest loss, as in lr_find of fastai 1',
  lr_steep: 'Where the loss falls most steeply, as in lr_find of fastai 1',
} as const;
type Name = keyof typeof meanings;
const names = Object.keys(meanings) as Name[];

/** The finder of a job; live while it runs. */
export function Finder({ job }: { job: Pick<JobRecord, 'id' | 'status'> }) {
  const result = useSignal<LrFindResult | null>(null);
  const error = useSignal<unknown>(null);
  const hovered = useSignal<Name | null>(null);
  const range = useSignal<Range | null>(null);
  const cursor = useSignal<number | null>(null);
  usePoll(
    `finder ${job.id}`,
    async () => {
      result.value = await (await client.jobs.get(job.id)).lrFind();
      error.value = null;
    },
    {
      everyMs: isTerminal(job.status) ? endedMs : liveMs,
      failed: (cause) => (error.value = cause),
      inputs: [job.id, job.status],
    },
  );
  const found = result.value;
  const lines = useMemo(() => (found ? linesOf(found) : []), [found, dark.value]);
  const marks = useMemo(() => (found ? marksOf(found, hovered.value) : []), [found, hovered.value]);
  if (found === null) return <ProblemMessage error={error.value} />;
  return (
    <section class="finder" aria-labelledby="finder-heading">
      <h2 id="finder-heading">Learning-rate finder</h2>
      <LineChart
        title="Loss by learning rate"
        lines={lines}
        marks={marks}
        range={range}
        cursor={cursor}
        height={320}
        xLog
        xName="lr"
        onPick={(rate) => goTo(['new'], { lr: rounded(rate), from: job.id })}
      />
      <p class="hint">
        {found.lrs.length} rates tried
        {found.stopped === 'diverged' && ', until the loss diverged'}. Choose a suggestion or click the curve to train
        at that rate.
      </p>
      <Suggestions found={found} job={job.id} onHover={(name) => (hovered.value = name)} />
    </section>
  );
}

const rounded = (rate: number): string => String(Number(rate.toPrecision(3)));

interface SuggestionsProps {
  found: LrFindResult;
  job: string;
  onHover: (name: Name | null) => void;
}

function Suggestions({ found, job, onHover }: SuggestionsProps) {
  return (
    <ul class="suggestions">
      {names.map((name) => {
        const value = found.suggestions[name] ?? null;
        const reason = found.reasons[name];
        if (value === null && reason === undefined) return null;
        return (
          <li
            key={name}
            onMouseEnter={() => onHover(name)}
            onMouseLeave={() => onHover(null)}
            onFocusIn={() => onHover(name)}
            onFocusOut={() => onHover(null)}
          >
            <span>
              <strong>{name}</strong>{' '}
              {value === null ? (
                '–'
              ) : (
                <a href={href(['new'], { lr: String(value), from: job })}>train at {number(value)}</a>
              )}
            </span>
            <span class="hint">{value === null ? reason : meanings[name]}</span>
          </li>
        );
      })}
    </ul>
  );
}

function linesOf({ lrs, losses, raw_losses }: LrFindResult): Line[] {
  const x = Column.from(lrs);
  const steep = steepest(lrs, losses);
  const part = steep && {
    x: Column.from(lrs.slice(steep.from, steep.to + 1)),
    y: Column.from(losses.slice(steep.from, steep.to + 1)),
  };
  return [
    {
      name: 'loss of each batch',
      color: ink().mark,
      x,
      y: Column.from(raw_losses),
      faint: true,
      width: 1,
      overflows: true,
    },
    { name: 'smoothed loss', color: colorOf(0), x, y: Column.from(losses) },
    ...(part ? [{ name: 'steepest part', color: colorOf(1), ...part, width: 5 }] : []),
  ];
}

/** All suggestions as signs at the foot; the one that is pointed at as a line with its name. */
function marksOf({ suggestions }: LrFindResult, hovered: Name | null): Mark[] {
  return names.flatMap((name): Mark[] => {
    const at = suggestions[name] ?? null;
    return at === null ? [] : [{ at, label: `${name} ${number(at)}`, kind: name === hovered ? 'phase' : 'point' }];
  });
}
