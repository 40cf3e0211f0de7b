/** Whether the service answers: each poll and each stream says so, and the header shows it. */
import { computed, signal } from '@preact/signals';

const down = signal<ReadonlySet<string>>(new Set());

/** `reconnecting` as long as a poll or a stream waits for the service. */
export const connection = computed(() => (down.value.size > 0 ? 'reconnecting' : 'connected'));

/** Says how one poll or stream, by a name of its own, stands. */
export function reportConnection(source: string, connected: boolean): void {
  if (down.value.has(source) !== connected) return;
  const next = new Set(down.value);
  if (connected) next.delete(source);
  else next.add(source);
  down.value = next;
}
