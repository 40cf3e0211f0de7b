/** Where a job is, by a sign, a colour and a word. */

const signs: Readonly<Record<string, string | undefined>> = {
  queued: '○',
  waiting: '◌',
  running: '▶',
  pausing: '◑',
  paused: '❙❙',
  completed: '✓',
  failed: '✕',
  cancelled: '⊘',
};

/** A job's status. */
export function StatusBadge({ status }: { status: string }) {
  return (
    <span class={`status ${status}`}>
      <span aria-hidden="true">{signs[status] ?? '·'}</span> {status}
    </span>
  );
}

/** How far something is, in percent. */
export function ProgressBar({ percent, label }: { percent: number; label: string }) {
  return <progress max={100} value={percent} aria-label={label} />;
}
