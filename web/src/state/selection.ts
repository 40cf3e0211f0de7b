/** Which rows of a table are chosen, and which one is the current row. */
import { signal } from '@preact/signals';

/** Rows by their ids. */
export class Selection {
  readonly chosen = signal<ReadonlySet<string>>(new Set());
  readonly current = signal<string | null>(null);

  toggle(id: string): void {
    const next = new Set(this.chosen.value);
    if (!next.delete(id)) next.add(id);
    this.chosen.value = next;
  }

  /** Chooses all of these, or none where all are chosen. */
  toggleAll(ids: readonly string[]): void {
    const all = ids.length > 0 && ids.every((id) => this.chosen.value.has(id));
    this.chosen.value = new Set(all ? [] : ids);
  }

  /** Moves the current row on by so many. */
  move(ids: readonly string[], by: number): number {
    if (ids.length === 0) return -1;
    const at = this.current.value === null ? -1 : ids.indexOf(this.current.value);
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by));
    this.current.value = ids[next];
    return next;
  }
}
